//! Where batches are posted. The path of a webhook is often its secret, so it shows as scheme and host only.

use std::{fmt, str::FromStr};

use ureq::http::Uri;

use crate::printable::printable;

/// A valid `http://` or `https://` URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Uri);

impl Endpoint {
    /// All of it, secrets too: for the request, and for nothing that anybody reads.
    pub(super) const fn secret(&self) -> &Uri {
        &self.0
    }

    /// Whether others can read what is sent.
    pub(super) fn is_plain(&self) -> bool {
        self.0.scheme_str() == Some("http")
    }
}

impl FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Nothing of it is shown before it is known which part may be a secret.
        let uri: Uri = text.parse().map_err(|_| "this is no URL")?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err("a webhook is an http:// or https:// URL");
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err("a password has no place in a URL, which others see; use --webhook-token-file");
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err("this URL has no host");
        }
        Ok(Self(uri))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.authority().map_or("", |authority| authority.as_str());
        write!(f, "{}://{}", self.0.scheme_str().unwrap_or_default(), printable(host))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_never_shown() {
        let endpoint: Endpoint = "https://hooks.example:8443/T0/B1/secret?token=abc".parse().unwrap();
        assert_eq!(format!("{endpoint} {endpoint:?}"), ["https://hooks.example:8443"; 2].join(" "));
        assert!(endpoint.secret().to_string().contains("T0/B1/secret?token=abc"));
        for bad in ["https://me:pass@host/x", "ftp://host/pass", "pass", "https:///pass", "https://ho pass/"]
        {
            let error = bad.parse::<Endpoint>().unwrap_err();
            assert!(!error.contains("pass ") && !error.contains("/pass"), "{error}");
        }
    }
}
