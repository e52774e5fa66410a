//! `udp:192.0.2.1:514`, `tcp:[2001:db8::1]:6514`, `unix:/dev/log`.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use crate::printable::printable;

/// The port of syslog.
const PORT: u16 = 514;

/// Where messages are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One datagram a message (RFC 5426).
    Udp(SocketAddr),
    /// A connection, each message preceded by its length (RFC 6587, octet counting).
    Tcp(SocketAddr),
    /// A datagram socket in the file system.
    Unix(PathBuf),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("udp", place)) => address(place).map(Self::Udp),
            Some(("tcp", place)) => address(place).map(Self::Tcp),
            Some(("unix", path)) if !path.is_empty() => Ok(Self::Unix(path.into())),
            _ => Err("it is neither udp:ADDRESS:PORT nor tcp:ADDRESS:PORT nor unix:PATH".to_owned()),
        }
    }
}

/// With or without a port; without one IPv6 addresses need no brackets.
fn address(place: &str) -> Result<SocketAddr, String> {
    let bare = || place.parse::<IpAddr>().map(|address| SocketAddr::new(address, PORT));
    place.parse().or_else(|_| bare()).map_err(|_| {
        format!("{} is no address with a port; names are not looked up", printable(&format!("{place:?}")))
    })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(address) => write!(f, "udp:{address}"),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Unix(path) => write!(f, "unix:{}", printable(&path.to_string_lossy())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_and_shown() {
        for (text, shown) in [
            ("udp:192.0.2.1:5514", "udp:192.0.2.1:5514"),
            ("udp:192.0.2.1", "udp:192.0.2.1:514"),
            ("tcp:[2001:db8::1]:6514", "tcp:[2001:db8::1]:6514"),
            ("tcp:2001:db8::1", "tcp:[2001:db8::1]:514"),
            ("unix:/dev/log", "unix:/dev/log"),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), shown);
        }
        for (text, reason) in [
            ("udp:log.example:514", "\"log.example:514\" is no address with a port; names are not looked up"),
            ("tcp:192.0.2.1:99999", "\"192.0.2.1:99999\" is no address"),
            ("tls:192.0.2.1:6514", "it is neither"),
            ("unix:", "it is neither"),
            ("", "it is neither"),
        ] {
            let error = text.parse::<Target>().unwrap_err();
            assert!(error.starts_with(reason), "{error}");
        }
    }
}
