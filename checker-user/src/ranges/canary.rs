//! The canary of a generation: an address that stands in the kernel's tables and in no list.
//!
//! It must be found by the program as long as the generation is active. It lies in no range of the user, so that no
//! packet is judged otherwise for it, and its class belongs to no label.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use checker_common::abi::CANARY_CLASS;

use super::{
    compile::{Compiled, Table},
    merge::{Range, key},
};

/// Tried in this order: "this network" and the reserved block, which are on no wire, then documentation.
const WISHES_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(0, 67, 65, 78),
    Ipv4Addr::new(240, 67, 65, 78),
    Ipv4Addr::new(192, 0, 2, 78),
    Ipv4Addr::new(203, 0, 113, 78),
];

/// Likewise: the discard-only block, then documentation.
const WISHES_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0x100, 0, 0, 0, 0, 0x6361, 0x6e61, 0x7279),
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0x6361, 0x6e61, 0x7279),
];

/// The addresses that must be found: none in a family without ranges, or where ranges cover everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Canary {
    v4: Option<Ipv4Addr>,
    v6: Option<Ipv6Addr>,
}

impl Canary {
    /// Chooses addresses that no range covers.
    #[must_use]
    pub(super) fn beside(compiled: &Compiled) -> Self {
        let v4 = |key: u128| Ipv4Addr::from_bits((key >> 96) as u32);
        Self {
            v4: free(&compiled.v4, WISHES_V4.map(IpAddr::V4)).map(v4),
            v6: free(&compiled.v6, WISHES_V6.map(IpAddr::V6)).map(Ipv6Addr::from_bits),
        }
    }

    /// The tables with the canary in them.
    pub(super) fn join<'a>(&self, compiled: &'a Compiled) -> (Cow<'a, Table>, Cow<'a, Table>) {
        let join = |table: &'a Table, address: Option<IpAddr>| match address {
            Some(address) => Cow::Owned(table.with(Range::address(address, CANARY_CLASS))),
            None => Cow::Borrowed(table),
        };
        (join(&compiled.v4, self.v4.map(IpAddr::V4)), join(&compiled.v6, self.v6.map(IpAddr::V6)))
    }

    /// The addresses.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.v4.map(IpAddr::V4).into_iter().chain(self.v6.map(IpAddr::V6))
    }
}

/// The first wish that no range covers, or else the first such address behind a range.
fn free(table: &Table, wishes: impl IntoIterator<Item = IpAddr>) -> Option<u128> {
    if table.is_empty() {
        return None;
    }
    let behind = table.ranges().iter().filter_map(|range| {
        let hosts = u128::MAX.checked_shr(range.len.into()).unwrap_or(0);
        (range.key | hosts).checked_add(1)
    });
    wishes.into_iter().map(key).chain(behind).find(|key| table.lookup(*key).is_none())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ranges::{classes::Classes, compile::compile, merge::merge, parse::parse, source::Source};

    fn compiled(text: &str) -> Compiled {
        let spec = "ONE=one.txt".parse().unwrap();
        let list = parse(&Source { spec, bytes: text.into(), sha256: [0; 32] }).unwrap();
        compile(merge(vec![Arc::new(list)], &mut Classes::default()).unwrap())
    }

    fn canary(text: &str) -> Vec<String> {
        let compiled = compiled(text);
        let canary = Canary::beside(&compiled);
        for address in canary.addresses() {
            assert_eq!(compiled.lookup_as_carried(address), None, "{address} is the user's");
        }
        canary.addresses().map(|address| address.to_string()).collect()
    }

    #[test]
    fn it_lies_in_no_range() {
        assert_eq!(canary("203.0.113.0/24\n2001:db8::/32"), ["0.67.65.78", "100::6361:6e61:7279"]);
        assert_eq!(canary("0.0.0.0/8\n203.0.113.0/24"), ["240.67.65.78"]);
        assert_eq!(canary("100::/64\n2001:db8::/32"), ["100:0:0:1::"]);
        assert_eq!(canary("0.0.0.0/2\n128.0.0.0/1"), ["64.0.0.0"]);
    }

    #[test]
    fn where_everything_is_covered_there_is_none() {
        assert!(canary("0.0.0.0/0\n::/0").is_empty());
        assert!(canary("0.0.0.0/1\n128.0.0.0/1\n255.255.255.255").is_empty());
    }

    #[test]
    fn it_stands_in_the_tables_and_changes_no_answer() {
        let compiled = compiled("203.0.113.0/24\n0.67.65.0/26\n1.0.0.0/8\n203.0.113.7");
        let canary = Canary::beside(&compiled);
        let (table, other) = canary.join(&compiled);
        let class = |address: &str| table.lookup(key(address.parse().unwrap())).map(|range| range.class);
        assert_eq!(class("0.67.65.78"), Some(CANARY_CLASS));
        assert_eq!([class("0.67.65.77"), class("0.67.65.79")], [None, None]);
        for address in ["203.0.113.7", "203.0.113.8", "0.67.65.63", "1.2.3.4"] {
            assert_eq!(class(address), Some(1), "{address}");
        }
        assert!(other.is_empty());
        assert_eq!((table.len(), compiled.v4.len()), (5, 4));
    }
}
