//! One POST, and what its answer means.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use tracing::warn;
use ureq::{
    Agent,
    http::header::AUTHORIZATION,
    tls::{RootCerts, TlsConfig},
};

use super::endpoint::Endpoint;
use crate::printable::printable;

/// How long a server may take for its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Posts to one server.
pub(in super::super) struct Poster {
    agent: Agent,
    endpoint: Endpoint,
    /// Read anew for each request, so that a token can be changed any time.
    token: Option<PathBuf>,
}

/// A batch that was not taken.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Why: a sentence's end.
    pub(super) reason: String,
    /// Whether it is worth another try.
    pub(super) again: bool,
}

impl Poster {
    /// Nothing is sent yet.
    pub(in super::super) fn new(endpoint: Endpoint, token: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(path) = &token {
            let _readable = read_token(path)?;
            let shown = path.to_string_lossy();
            if fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o007 != 0) {
                warn!("the token in {} can be used by everybody on this machine", printable(&shown));
            }
            if endpoint.is_plain() {
                warn!("{endpoint}: the token goes over the network unencrypted");
            }
        }
        let agent = Agent::config_builder()
            .user_agent(concat!("checker/", env!("CARGO_PKG_VERSION")))
            // Alerts go where the user said, and nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            // The certificates that the machine's administrator trusts; SSL_CERT_FILE names others.
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
            .build()
            .into();
        Ok(Self { agent, endpoint, token })
    }

    /// Sends a JSON array.
    pub(super) fn post(&self, body: &[u8]) -> Result<(), Refusal> {
        let mut request = self.agent.post(self.endpoint.secret()).content_type("application/json");
        if let Some(path) = &self.token {
            let token =
                read_token(path).map_err(|error| Refusal { reason: format!("{error:#}"), again: true })?;
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let answer = request.send(body).map_err(|error| Refusal { reason: why(&error), again: true })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        // Too slow, or too much at once; all other faults of ours stay faults.
        let again = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
        Err(Refusal { reason: format!("the server answered {}", status.as_u16()), again })
    }
}

fn read_token(path: &Path) -> anyhow::Result<String> {
    let shown = printable(&path.to_string_lossy()).into_owned();
    let token = fs::read_to_string(path).with_context(|| format!("cannot read the token {shown}"))?;
    let token = token.trim();
    let is_token = !token.is_empty() && token.chars().all(|c| c.is_ascii_graphic());
    ensure!(is_token, "{shown} holds no token: one word is expected");
    Ok(token.to_owned())
}

/// The crate's own words name URLs, which may carry secrets.
fn why(error: &ureq::Error) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the crate may have more of them tomorrow")]
    match error {
        ureq::Error::HostNotFound => "the host is not found".to_owned(),
        ureq::Error::Timeout(_) => format!("the server takes longer than {} s", PATIENCE.as_secs()),
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Rustls(error) => format!("TLS: {error}"),
        ureq::Error::Tls(error) => format!("TLS: {error}"),
        ureq::Error::Protocol(_) => "what the server answers is no HTTP".to_owned(),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => "the proxy refuses".to_owned(),
        _ => "there is no connection".to_owned(),
    }
}
