//! Puts all lists in one set with one winner for each prefix.
//!
//! Ranges of different lengths stay apart, however they overlap: which one a packet meets is the longest match's
//! business, and an alert must name the range that the list has, not one that was made of several.

use std::{
    cmp::Reverse,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use anyhow::{Context as _, Result, ensure};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{action::Action, classes::Classes, parse::List};

/// Every prefix of every list once.
#[derive(Clone, Debug, Default)]
pub struct RangeSet {
    /// The IPv4 ranges in the order of (key, len).
    pub v4: Vec<Range>,
    /// The IPv6 ranges in the order of (key, len).
    pub v6: Vec<Range>,
    /// The lists they came from; [`Range::list`] is an index into it.
    pub lists: Vec<Arc<List>>,
}

/// One range, in 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The network address, see [`key`].
    pub key: u128,
    /// What the kernel knows label and action by.
    pub class: u32,
    /// The list it came from, as an index into the set's lists.
    pub list: u32,
    /// The line it came from.
    pub line: u32,
    /// Prefix length in bits: 0 to 32 or 0 to 128.
    pub len: u8,
    /// What the list asks for.
    pub action: Action,
    v4: bool,
}

/// Merges lists in the order in which the user named them.
///
/// Of ranges with the same prefix the strongest action wins (`allow` > `drop` > `alert`), then the list that was
/// named first, then the first line.
///
/// # Errors
///
/// When the kernel has no class left for a label, or there are more ranges than it can count.
pub fn merge(lists: Vec<Arc<List>>, classes: &mut Classes) -> Result<RangeSet> {
    let mut set = RangeSet::default();
    for (index, list) in lists.iter().enumerate() {
        let class = classes.id(&list.spec.label, list.spec.action)?;
        let exceptions = match list.entries.iter().any(|entry| entry.except) {
            true => classes.id(&list.spec.label, Action::Allow)?,
            false => class,
        };
        let index = u32::try_from(index).context("too many lists")?;
        for entry in &list.entries {
            let (class, action) =
                if entry.except { (exceptions, Action::Allow) } else { (class, list.spec.action) };
            let v4 = matches!(entry.net, IpNet::V4(_));
            let ranges = if v4 { &mut set.v4 } else { &mut set.v6 };
            ranges.push(Range {
                key: key(entry.net.network()),
                class,
                list: index,
                line: entry.line,
                len: entry.net.prefix_len(),
                action,
                v4,
            });
        }
    }
    for ranges in [&mut set.v4, &mut set.v6] {
        keep_winners(ranges);
        ensure!(ranges.len() < u32::MAX as usize, "more than {} ranges", u32::MAX - 1);
    }
    set.lists = lists;
    Ok(set)
}

/// An address as a number with its first bit at the top: an IPv4 address stands in the top 32 bits, so that
/// prefix lengths mean the same in both families.
#[must_use]
pub fn key(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl Range {
    /// A single address, of no list.
    #[must_use]
    pub(super) fn address(addr: IpAddr, class: u32) -> Self {
        let v4 = addr.is_ipv4();
        let len = if v4 { 32 } else { 128 };
        Self { key: key(addr), class, list: u32::MAX, line: 0, len, action: Action::Alert, v4 }
    }

    /// Whether the address with this key lies in it. The key must be of the range's family.
    #[must_use]
    pub fn covers(&self, key: u128) -> bool {
        (self.key ^ key).leading_zeros() >= u32::from(self.len)
    }

    /// The prefix as people write it.
    #[must_use]
    pub fn net(&self) -> IpNet {
        if self.v4 {
            let addr = Ipv4Addr::from_bits((self.key >> 96) as u32);
            IpNet::V4(Ipv4Net::new_assert(addr, self.len))
        } else {
            IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::from_bits(self.key), self.len))
        }
    }
}

fn keep_winners(ranges: &mut Vec<Range>) {
    // Stable: within a prefix and an action the order of lists and lines stays. Lists are mostly sorted already,
    // and that sort is quick on sorted runs.
    ranges.sort_by_key(|range| (range.key, range.len, Reverse(range.action)));
    ranges.dedup_by_key(|range| (range.key, range.len));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranges::{parse::parse, source::Source};

    fn list(label: &str, action: Action, text: &str) -> Arc<List> {
        let mut spec: crate::ranges::spec::ListSpec = format!("{label}={label}.txt").parse().unwrap();
        spec.action = action;
        Arc::new(parse(&Source { spec, bytes: text.into(), sha256: [0; 32] }).unwrap())
    }

    fn merged(lists: &[Arc<List>]) -> Vec<String> {
        let set = merge(lists.to_vec(), &mut Classes::default()).unwrap();
        let shown = |range: &Range| {
            format!("{} {}:{} {}", range.net(), set.lists[range.list as usize].name, range.line, range.class)
        };
        set.v4.iter().chain(&set.v6).map(shown).collect()
    }

    #[test]
    fn ranges_are_sorted_and_the_wider_one_stands_first() {
        let text =
            "2001:db8::/32\n192.0.2.0/25\n0.0.0.0/0\n192.0.2.0/24\n192.0.2.128/25\n255.255.255.255\n::/0";
        let expected = [
            "0.0.0.0/0 A.txt:3 1",
            "192.0.2.0/24 A.txt:4 1",
            "192.0.2.0/25 A.txt:2 1",
            "192.0.2.128/25 A.txt:5 1",
            "255.255.255.255/32 A.txt:6 1",
            "::/0 A.txt:7 1",
            "2001:db8::/32 A.txt:1 1",
        ];
        assert_eq!(merged(&[list("A", Action::Alert, text)]), expected);
    }

    #[test]
    fn for_one_prefix_the_strongest_action_wins() {
        let (alert, drop) =
            (list("A", Action::Alert, "192.0.2.0/24"), list("B", Action::Drop, "192.0.2.0/24"));
        let allow = list("C", Action::Allow, "\n192.0.2.0/24");
        assert_eq!(merged(&[alert.clone(), drop.clone()]), ["192.0.2.0/24 B.txt:1 2"]);
        assert_eq!(merged(&[drop.clone(), alert.clone()]), ["192.0.2.0/24 B.txt:1 1"]);
        assert_eq!(merged(&[alert, drop, allow]), ["192.0.2.0/24 C.txt:2 3"]);
    }

    #[test]
    fn then_the_list_named_first_and_then_the_first_line() {
        let one = list("A", Action::Alert, "198.51.100.0/24\n192.0.2.7/24\n192.0.2.0/24");
        let two = list("B", Action::Alert, "192.0.2.0/24\n198.51.100.0/24");
        assert_eq!(
            merged(&[one.clone(), two.clone()]),
            ["192.0.2.0/24 A.txt:2 1", "198.51.100.0/24 A.txt:1 1"]
        );
        assert_eq!(merged(&[two, one]), ["192.0.2.0/24 B.txt:1 1", "198.51.100.0/24 B.txt:2 1"]);
    }

    #[test]
    fn one_label_with_one_action_is_one_class_however_many_lists_it_has() {
        let lists = [list("A", Action::Alert, "192.0.2.0/24"), list("A", Action::Alert, "198.51.100.0/24")];
        assert_eq!(merged(&lists), ["192.0.2.0/24 A.txt:1 1", "198.51.100.0/24 A.txt:1 1"]);
    }

    #[test]
    fn a_range_is_small() {
        assert_eq!(size_of::<Range>(), 32);
    }
}
