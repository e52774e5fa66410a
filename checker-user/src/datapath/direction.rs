//! Which way packets go that are looked at, and which of their addresses.

use anyhow::bail;
use checker_common::nat64::{Nat64, Prefix};
use clap::ValueEnum;
use ipnet::Ipv6Net;

/// What is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    /// Sources of incoming packets (XDP).
    #[default]
    Ingress,
    /// Destinations of outgoing packets (TC).
    Egress,
    /// Both of these.
    Both,
    /// A mirror port: source and destination of everything that comes in, whoever it is for.
    Mirror,
}

impl Direction {
    /// Whether incoming packets are looked at.
    #[must_use]
    pub const fn incoming(self) -> bool {
        !matches!(self, Self::Egress)
    }

    /// Whether outgoing packets are looked at.
    #[must_use]
    pub const fn outgoing(self) -> bool {
        matches!(self, Self::Egress | Self::Both)
    }

    /// Whether the interface is to take packets that are for others.
    #[must_use]
    pub const fn mirror(self) -> bool {
        matches!(self, Self::Mirror)
    }
}

/// What is fixed when the program is loaded.
#[derive(Clone, Debug)]
pub struct View {
    /// What is looked at.
    pub direction: Direction,
    /// Whether to look into tunnels.
    pub tunnels: bool,
    /// Prefixes of NAT64.
    pub nat64: Nat64,
}

/// The table of configured prefixes.
///
/// # Errors
///
/// One sentence about a prefix that RFC 6052 does not know, or about too many.
pub fn nat64(prefixes: &[Ipv6Net]) -> anyhow::Result<Nat64> {
    let mut all = Vec::new();
    for prefix in prefixes {
        let Some(known) = Prefix::new(prefix.addr(), prefix.prefix_len()) else {
            bail!("--nat64 {prefix}: a NAT64 prefix has 32, 40, 48, 56, 64 or 96 bits (RFC 6052)");
        };
        all.push(known);
    }
    match Nat64::with(&all) {
        Some(table) => Ok(table),
        None => bail!("--nat64 can be given {} times at most", checker_common::nat64::CONFIGURED),
    }
}
