//! Where a list is fetched from. A URL may carry a password or a token, so it shows as scheme, host and path only.

use std::{fmt, str::FromStr};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use ureq::http::Uri;

use crate::printable::printable;

/// A valid `http://` or `https://` URL.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Url(String);

impl Url {
    /// Whether it is meant as a URL, if not a valid one: a scheme and `://`.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.split_once("://").is_some_and(|(scheme, _)| {
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
        })
    }

    /// All of it, secrets too: for the request, and for nothing that anybody reads.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Whether what comes from there can have been changed on the way.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.uri().is_some_and(|uri| uri.scheme_str() == Some("https"))
    }

    /// What a list from there is called: the last part of the path, or the host where there is none.
    #[must_use]
    pub fn name(&self) -> String {
        let uri = self.uri().unwrap_or_default();
        let last = uri.path().trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty());
        printable(last.or(uri.host()).unwrap_or_default()).into_owned()
    }

    fn uri(&self) -> Option<Uri> {
        self.0.parse().ok()
    }
}

impl FromStr for Url {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Nothing of it is shown before it is known which part may be a secret.
        let plain = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
        let uri: Option<Uri> = plain.and_then(|text| text.parse().ok());
        let uri =
            uri.context("this is no URL; other characters than those of ASCII are written as %C3%A4")?;
        let scheme = uri.scheme_str().unwrap_or_default();
        ensure!(matches!(scheme, "http" | "https"), "a list is fetched from http:// or https:// URLs only");
        ensure!(uri.host().is_some_and(|host| !host.is_empty()), "this URL has no host");
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Url {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Url> for String {
    fn from(url: Url) -> Self {
        url.0
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri = self.uri().unwrap_or_default();
        write!(f, "{}://{}", uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default())?;
        if let Some(port) = uri.port_u16() {
            write!(f, ":{port}")?;
        }
        f.write_str(&printable(uri.path()))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_never_shown() {
        let url: Url = "https://user:pass@Lists.example:8443/a/one.txt?token=abc#frag".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), ["https://Lists.example:8443/a/one.txt"; 2].join(" "));
        assert_eq!(url.name(), "one.txt");
        assert!(url.secret().contains("token=abc"));
        for bad in ["https://user:pass@/x", "ftp://user:pass@host/x", "https://user:pass word@host/"] {
            let error = format!("{:#}", bad.parse::<Url>().unwrap_err());
            assert!(!error.contains("pass"), "{error}");
        }
    }

    #[test]
    fn a_url_is_told_from_a_path() {
        for (text, is_url) in [
            ("https://x/y", true),
            ("HTTP://x/y", true),
            ("ftp://x", true),
            ("one.txt", false),
            ("./a://b", false),
            ("://b", false),
        ] {
            assert_eq!(Url::is_meant(text), is_url, "{text}");
        }
        assert!("HTTPS://x/y".parse::<Url>().unwrap().is_encrypted());
        assert!(!"http://x/y".parse::<Url>().unwrap().is_encrypted());
        assert_eq!("https://x.example/".parse::<Url>().unwrap().name(), "x.example");
        assert_eq!("https://x.example/list/?f=1".parse::<Url>().unwrap().name(), "list");
    }

    #[test]
    fn only_what_can_be_fetched_is_one() {
        for text in [
            "",
            "one.txt",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "https://ho st/",
            "https://h/ä",
            "https://h/\n",
        ] {
            assert!(text.parse::<Url>().is_err(), "{text}");
        }
    }
}
