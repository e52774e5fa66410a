//! One conditional request: is there another version of the list, and which.

use std::{io::Read as _, time::Duration};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use ureq::{
    Agent, Timeout,
    http::{HeaderName, Response, header},
    tls::{RootCerts, TlsConfig},
};

use super::{Remote, retry_after};
use crate::ranges::source::MAX_LIST_BYTES;

/// How long it may take until there is a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// More redirects are a loop, or a game.
const MAX_REDIRECTS: u32 = 5;

/// Longest `ETag` or `Last-Modified` that is kept; a longer one is as good as none.
const MAX_VALIDATOR: usize = 1024;

/// By what a server tells versions apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

/// What a server sent.
#[derive(Debug)]
pub struct Body {
    /// All of it, at most [`MAX_LIST_BYTES`].
    pub bytes: Vec<u8>,
    /// Its hash.
    pub sha256: [u8; 32],
    /// By what the server will know it.
    pub version: Version,
}

/// Why there is no list to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A sentence's end, without anything that the URL or the server said in secret.
    pub why: String,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
}

/// What a server answered.
#[derive(Debug)]
pub enum Answer {
    /// The version that was asked about is the newest.
    NotModified,
    /// Another one.
    Body(Body),
}

/// Asks for a list; `known` is the version that is here already. Blocks.
///
/// # Errors
///
/// See [`Failure`].
pub fn request(remote: &Remote, known: Option<&Version>) -> Result<Answer, Failure> {
    let timeout = remote.timeout.duration();
    let agent: Agent = Agent::config_builder()
        .user_agent(concat!("checker/", env!("CARGO_PKG_VERSION")))
        // From https never to http, wherever a redirect leads.
        .https_only(remote.url.is_encrypted())
        .max_redirects(MAX_REDIRECTS)
        .max_redirects_will_error(true)
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT.min(timeout)))
        .timeout_global(Some(timeout))
        // The certificates that the machine's administrator trusts; SSL_CERT_FILE names others.
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .build()
        .into();
    let mut request = agent.get(remote.url.secret());
    let known = known.filter(|known| known.etag.is_some() || known.last_modified.is_some());
    if let Some(etag) = known.and_then(|known| known.etag.as_deref()) {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    if let Some(date) = known.and_then(|known| known.last_modified.as_deref()) {
        request = request.header(header::IF_MODIFIED_SINCE, date);
    }
    let response = request.call().map_err(|error| why(&error))?;
    match response.status().as_u16() {
        200 => read(response).map(Answer::Body),
        304 if known.is_some() => Ok(Answer::NotModified),
        status => {
            let retry_after = response.headers().get(header::RETRY_AFTER);
            let retry_after =
                retry_after.and_then(|value| retry_after::read(value.to_str().ok()?, Timestamp::now()));
            Err(Failure { why: format!("the server answered {status}"), retry_after })
        }
    }
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self { why, retry_after: None }
    }
}

fn read(response: Response<ureq::Body>) -> Result<Body, Failure> {
    let too_large = || Failure::from(format!("it is larger than {} MiB", MAX_LIST_BYTES >> 20));
    let version = Version {
        etag: validator(&response, header::ETAG),
        last_modified: validator(&response, header::LAST_MODIFIED),
    };
    let body = response.into_body();
    if body.content_length().is_some_and(|length| length > MAX_LIST_BYTES) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // One more than allowed, to tell a list that just fits from one that does not.
    let read = body.into_reader().take(MAX_LIST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| why(&error.into()))?;
    if bytes.len() as u64 > MAX_LIST_BYTES {
        return Err(too_large());
    }
    let sha256 = Sha256::digest(&bytes).into();
    Ok(Body { bytes, sha256, version })
}

fn validator(response: &Response<ureq::Body>, name: HeaderName) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    (value.len() <= MAX_VALIDATOR).then(|| value.to_owned())
}

/// The crate's own words name URLs, which may carry secrets.
fn why(error: &ureq::Error) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the crate may have more of them tomorrow")]
    match error {
        ureq::Error::HostNotFound => "the host is not found".to_owned(),
        ureq::Error::Timeout(Timeout::Connect) => "there is no connection in time".to_owned(),
        ureq::Error::Timeout(_) => "the server takes too long".to_owned(),
        ureq::Error::TooManyRedirects => "it is redirected too often".to_owned(),
        ureq::Error::RequireHttpsOnly(_) => "it is redirected from https to plain http".to_owned(),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => "it is redirected to what is no URL".to_owned(),
        // Timeouts come back in this wrapping while the body is read.
        ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(inner) => why(inner),
            None => error.to_string(),
        },
        ureq::Error::Rustls(error) => format!("TLS: {error}"),
        ureq::Error::Tls(error) => format!("TLS: {error}"),
        ureq::Error::Protocol(_) => "what the server answers is no HTTP".to_owned(),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => "the proxy refuses".to_owned(),
        _ => "there is no connection".to_owned(),
    }
}
