//! The formats by name. How each is recognised stands in [`recognise`](super::recognise), what it looks like in its
//! own file.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A prefix, address or range a line.
    Plain,
    /// A registry's delegated or delegated-extended file.
    Rir,
    /// A `MaxMind` DB.
    Mmdb,
    /// `GeoLite2` CSV: a Blocks file, with its Locations file beside it.
    Geolite2,
    /// First address, last address and country, by commas or tabs.
    RangeCsv,
    /// Spamhaus DROP, text or JSON lines.
    Drop,
    /// Any JSON: every string that is a prefix, address or range.
    Json,
    /// RFC 8805.
    Geofeed,
    /// `ipset save`.
    Ipset,
    /// `nft list`, text or JSON.
    Nft,
    /// Objects of a routing registry: inetnum, inet6num, route, route6.
    Rpsl,
    /// Prefix and origin AS.
    Pfx2as,
    /// eMule's ipfilter.dat and `PeerGuardian` lines.
    P2p,
}

impl Format {
    /// Whether ranges are of countries in it, so that somebody must choose some.
    #[must_use]
    pub const fn names_countries(self) -> bool {
        match self {
            Self::Rir | Self::Mmdb | Self::Geolite2 | Self::RangeCsv | Self::Geofeed | Self::Rpsl => true,
            Self::Plain | Self::Drop | Self::Json | Self::Ipset | Self::Nft | Self::Pfx2as | Self::P2p => {
                false
            }
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plain => "plain",
            Self::Rir => "rir",
            Self::Mmdb => "mmdb",
            Self::Geolite2 => "geolite2",
            Self::RangeCsv => "range-csv",
            Self::Drop => "drop",
            Self::Json => "json",
            Self::Geofeed => "geofeed",
            Self::Ipset => "ipset",
            Self::Nft => "nft",
            Self::Rpsl => "rpsl",
            Self::Pfx2as => "pfx2as",
            Self::P2p => "p2p",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_typed_sent_and_shown_alike() {
        for format in Format::value_variants() {
            let typed = format.to_possible_value().unwrap();
            assert_eq!(typed.get_name(), format.to_string());
            assert_eq!(serde_json::to_string(format).unwrap(), format!("\"{format}\""));
        }
    }
}
