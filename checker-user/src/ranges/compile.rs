//! Turns the set into tables: what the kernel will hold, and what one address is looked up in without a kernel.
//!
//! A table is a sorted array. Prefixes nest or are apart, so all that cover an address are the last range that
//! begins at or before it, or lie on that range's chain of parents: one binary search, then at most 128 steps up.

use std::{net::IpAddr, sync::Arc};

use super::{
    merge::{Range, RangeSet, key},
    parse::List,
};

/// What stands for "nothing covers this range".
const NO_PARENT: u32 = u32::MAX;

/// A set that addresses can be looked up in.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// The IPv4 ranges.
    pub v4: Table,
    /// The IPv6 ranges.
    pub v6: Table,
    /// The lists they came from; [`Range::list`] is an index into it.
    pub lists: Vec<Arc<List>>,
}

/// The ranges of one family, each prefix once.
#[derive(Clone, Debug, Default)]
pub struct Table {
    ranges: Vec<Range>,
    /// For each range the index of the narrowest one that covers it.
    parents: Vec<u32>,
}

/// Compiles a set as [`merge`](super::merge::merge) makes it: sorted by (key, len), each prefix once.
#[must_use]
pub fn compile(set: RangeSet) -> Compiled {
    Compiled { v4: Table::new(set.v4), v6: Table::new(set.v6), lists: set.lists }
}

impl Compiled {
    /// The narrowest range that covers the address. An IPv4-mapped address is looked up as the IPv4 address that
    /// it stands for.
    #[must_use]
    pub fn lookup(&self, addr: IpAddr) -> Option<&Range> {
        self.lookup_as_carried(addr.to_canonical())
    }

    /// The same without that: the way the kernel program looks up an address that it found in a header.
    #[must_use]
    pub fn lookup_as_carried(&self, addr: IpAddr) -> Option<&Range> {
        match addr {
            IpAddr::V4(_) => self.v4.lookup(key(addr)),
            IpAddr::V6(_) => self.v6.lookup(key(addr)),
        }
    }

    /// How many ranges there are in both families.
    #[must_use]
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether there is no range at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Table {
    fn new(ranges: Vec<Range>) -> Self {
        let mut parents = Vec::with_capacity(ranges.len());
        // The chain of ranges around the current one, widest first.
        let mut open: Vec<u32> = Vec::new();
        for (index, range) in (0..).zip(&ranges) {
            while open.pop_if(|outer| !ranges[*outer as usize].covers(range.key)).is_some() {}
            parents.push(open.last().copied().unwrap_or(NO_PARENT));
            open.push(index);
        }
        Self { ranges, parents }
    }

    /// The same and one range more, which none of them is.
    #[must_use]
    pub(super) fn with(&self, range: Range) -> Self {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let at = self.ranges.partition_point(|other| (other.key, other.len) < (range.key, range.len));
        ranges.extend_from_slice(&self.ranges[..at]);
        ranges.push(range);
        ranges.extend_from_slice(&self.ranges[at..]);
        Self::new(ranges)
    }

    /// The narrowest range that covers the address with this key, see [`key`].
    #[must_use]
    pub fn lookup(&self, key: u128) -> Option<&Range> {
        let mut index = self.ranges.partition_point(|range| range.key <= key).checked_sub(1)?;
        loop {
            let range = &self.ranges[index];
            if range.covers(key) {
                return Some(range);
            }
            index = match self.parents[index] {
                NO_PARENT => return None,
                parent => parent as usize,
            };
        }
    }

    /// The ranges in the order of (key, len).
    #[must_use]
    pub fn ranges(&self) -> &[Range] {
        &self.ranges
    }

    /// How many ranges it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use ipnet::IpNet;
    use proptest::prelude::*;

    use super::*;
    use crate::ranges::{
        action::Action,
        classes::Classes,
        merge::merge,
        parse::{Entry, parse},
        source::Source,
        spec::ListSpec,
    };

    fn compiled(nets: &[IpNet]) -> Compiled {
        let spec: ListSpec = "ONE=one.txt".parse().unwrap();
        assert_eq!(spec.action, Action::Alert);
        let entries =
            nets.iter().zip(1..).map(|(net, line)| Entry { net: net.trunc(), line, except: false }).collect();
        let mut list = parse(&Source { spec, bytes: b"192.0.2.0/24".to_vec(), sha256: [0; 32] }).unwrap();
        list.entries = entries;
        compile(merge(vec![Arc::new(list)], &mut Classes::default()).unwrap())
    }

    /// The rule itself: the longest of all prefixes that contain the address, the first line of equal ones.
    fn oracle(nets: &[IpNet], addr: IpAddr) -> Option<(IpNet, u32)> {
        let addr = addr.to_canonical();
        let covering = nets.iter().map(IpNet::trunc).zip(1..).filter(|(net, _)| net.contains(&addr));
        covering.reduce(|best, next| if next.0.prefix_len() > best.0.prefix_len() { next } else { best })
    }

    fn neighbours(addr: IpAddr) -> [Option<IpAddr>; 3] {
        let step = |by: i8| match addr {
            IpAddr::V4(v4) => v4.to_bits().checked_add_signed(by.into()).map(|bits| IpAddr::V4(bits.into())),
            IpAddr::V6(v6) => v6.to_bits().checked_add_signed(by.into()).map(|bits| IpAddr::V6(bits.into())),
        };
        [step(-1), Some(addr), step(1)]
    }

    /// Few distinct bits, so that prefixes nest, touch and repeat.
    fn nets() -> impl Strategy<Value = Vec<IpNet>> {
        let v4 = (prop::sample::select(vec![0, 0x0a00_0000, 0xc000_0200, u32::MAX]), 0..=7u32, 0..=32u8)
            .prop_map(|(base, low, len)| {
                IpNet::new(IpAddr::V4((base ^ low ^ (low << 22)).into()), len).unwrap()
            });
        let v6 = (prop::sample::select(vec![0, 0x2001_0db8_u128 << 96, u128::MAX]), 0..=7u128, 0..=128u8)
            .prop_map(|(base, low, len)| {
                IpNet::new(IpAddr::V6((base ^ low ^ (low << 62)).into()), len).unwrap()
            })
            // A mapped prefix would be IPv4 before it came here.
            .prop_filter("mapped", |net| net.network().to_canonical().is_ipv6());
        prop::collection::vec(prop_oneof![v4, v6], 0..40)
    }

    fn assert_same(nets: &[IpNet], compiled: &Compiled, addr: IpAddr) -> Result<(), TestCaseError> {
        let found = compiled.lookup(addr).map(|range| (range.net(), range.line));
        prop_assert_eq!(found, oracle(nets, addr), "{}", addr);
        Ok(())
    }

    proptest! {
        #[test]
        fn it_finds_what_the_rule_says_at_every_border(nets in nets()) {
            let compiled = compiled(&nets);
            for net in &nets {
                for addr in [net.network(), net.broadcast()].into_iter().flat_map(neighbours).flatten() {
                    assert_same(&nets, &compiled, addr)?;
                }
            }
        }

        #[test]
        fn it_finds_what_the_rule_says_anywhere(nets in nets(), v4 in any::<u32>(), v6 in any::<u128>()) {
            let compiled = compiled(&nets);
            assert_same(&nets, &compiled, IpAddr::V4(v4.into()))?;
            assert_same(&nets, &compiled, IpAddr::V6(v6.into()))?;
        }
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        let compiled = compiled(&["192.0.2.0/24".parse().unwrap(), "::/0".parse().unwrap()]);
        let net = |addr: &str| compiled.lookup(addr.parse().unwrap()).map(|range| range.net().to_string());
        assert_eq!(net("::ffff:192.0.2.1").as_deref(), Some("192.0.2.0/24"));
        assert_eq!(net("::ffff:192.0.3.1"), None);
        assert_eq!(net("2001:db8::1").as_deref(), Some("::/0"));
    }

    #[test]
    fn an_empty_table_answers() {
        assert!(compiled(&[]).is_empty());
        assert!(compiled(&[]).lookup("192.0.2.1".parse().unwrap()).is_none());
    }
}
