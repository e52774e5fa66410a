//! Refuses what would blind or flood the watcher: a range that covers everything, or an address of this machine.
//!
//! Both are nearly always slips, and with `drop` they cut the machine off. `--force` is for the others.

use std::{error::Error, fmt, net::IpAddr};

use ipnet::IpNet;
use nix::{ifaddrs::getifaddrs, sys::socket::SockaddrStorage};

use super::{action::Action, compile::Compiled, merge::Range, spec::ListSpec};

/// A set that may only be loaded with `--force`. Displays as one sentence with the file and the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    path: String,
    line: u32,
    net: IpNet,
    /// The machine's address that it covers; `None` when it covers all there are.
    own: Option<IpAddr>,
}

/// Checks what would be in force with this set for everything and for this machine's own addresses.
///
/// It asks the compiled set, so an address that an exception (`allow`) wins back is no reason to refuse.
///
/// Ranges of the lists in `forced` were meant, by whoever loaded them with `--force`.
///
/// # Errors
///
/// The first range that must not be loaded like that.
pub fn check(compiled: &Compiled, own: &[IpAddr], forced: &[ListSpec]) -> Result<(), Refused> {
    let refused = |range: &Range, own| Refused {
        path: compiled.lists[range.list as usize].spec.shown_path(),
        line: range.line,
        net: range.net(),
        own,
    };
    let restricts = |range: &&Range| {
        range.action != Action::Allow && !forced.contains(&compiled.lists[range.list as usize].spec)
    };

    // In the order of (key, len) a prefix of length 0 can only be the first.
    for table in [&compiled.v4, &compiled.v6] {
        if let Some(range) = table.ranges().first().filter(|range| range.len == 0).filter(restricts) {
            return Err(refused(range, None));
        }
    }
    for &addr in own {
        if let Some(range) = compiled.lookup(addr).filter(restricts) {
            return Err(refused(range, Some(addr)));
        }
    }
    Ok(())
}

/// The addresses of all interfaces of this machine, in its network namespace; those of the loopback apart, which nobody
/// else can use rightly: a packet that claims one on a wire is worth an alert.
#[must_use]
pub fn own_addresses() -> Vec<IpAddr> {
    // Without netlink there is nothing to watch either.
    let interfaces = getifaddrs().into_iter().flatten();
    let mut addresses: Vec<_> = interfaces.filter_map(|interface| address(&interface.address?)).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.retain(|address| !address.is_loopback() && !address.is_unspecified());
    addresses
}

fn address(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| v4.ip().into());
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| v6.ip().into()))
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, net, own } = self;
        write!(f, "{path}:{line}: {net} covers ")?;
        match (own, net) {
            (Some(addr), _) => write!(f, "this machine's own address {addr}")?,
            (None, IpNet::V4(_)) => write!(f, "every IPv4 address")?,
            (None, IpNet::V6(_)) => write!(f, "every IPv6 address")?,
        }
        write!(f, "; use --force to load it")
    }
}

impl Error for Refused {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ranges::{classes::Classes, compile::compile, merge::merge, parse::parse, source::Source};

    fn checked(lists: &[(Action, &str)], own: &str) -> Result<(), String> {
        let list = |&(action, text): &(Action, &str)| {
            let spec = ListSpec { action, ..format!("ONE={action}.txt").parse().unwrap() };
            Arc::new(parse(&Source { spec, bytes: text.into(), sha256: [0; 32] }).unwrap())
        };
        let set = merge(lists.iter().map(list).collect(), &mut Classes::default()).unwrap();
        check(&compile(set), &[own.parse().unwrap()], &[]).map_err(|refused| refused.to_string())
    }

    #[test]
    fn everything_is_refused_in_both_families() {
        for (text, family) in [("0.0.0.0/0", "IPv4"), ("::/0", "IPv6")] {
            let list = (Action::Alert, &*format!("192.0.2.0/24\n{text}"));
            let expected =
                format!("alert.txt:2: {text} covers every {family} address; use --force to load it");
            assert_eq!(checked(&[list], "127.0.0.1"), Err(expected));
        }
    }

    #[test]
    fn the_own_address_is_refused() {
        let list = (Action::Drop, "192.0.2.0/24\n198.51.100.0/24");
        let expected = "drop.txt:2: 198.51.100.0/24 covers this machine's own address 198.51.100.9; \
                        use --force to load it";
        assert_eq!(checked(&[list], "198.51.100.9"), Err(expected.into()));
        assert_eq!(checked(&[list], "203.0.113.9"), Ok(()));
    }

    #[test]
    fn an_exception_may_cover_anything_and_wins_the_own_address_back() {
        assert_eq!(checked(&[(Action::Allow, "0.0.0.0/0\n::/0")], "198.51.100.9"), Ok(()));
        let lists = [(Action::Drop, "198.51.100.0/24"), (Action::Allow, "198.51.100.9")];
        assert_eq!(checked(&lists, "198.51.100.9"), Ok(()));
    }

    #[test]
    fn a_narrower_range_in_an_exception_is_refused_all_the_same() {
        let lists = [(Action::Allow, "198.51.100.0/24"), (Action::Drop, "198.51.100.8/29")];
        assert!(
            checked(&lists, "198.51.100.9").unwrap_err().starts_with("drop.txt:1: 198.51.100.8/29 covers")
        );
    }

    #[test]
    fn own_addresses_are_addresses_that_others_can_see() {
        let own = own_addresses();
        assert!(own.iter().all(|addr| !addr.is_loopback() && !addr.is_unspecified()), "{own:?}");
    }
}
