//! Ranges → the addresses that they come to, as spans that are apart and do not touch; and back to the fewest prefixes.
//!
//! Nothing that an alert says comes from here: it is for writing lists in another form, for comparing two versions of
//! one and for counting. The ranges of a list stay as its file has them.

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use super::merge::key;

/// Bits of a [`key`] below an IPv4 address.
const BELOW_V4: u32 = 96;

/// Addresses from the first to the last, as [`key`]s; all bits below an IPv4 address are part of it.
pub(super) type Span = (u128, u128);

/// A set of addresses: spans in their order, with a gap between any two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    pub(super) v4: Vec<Span>,
    pub(super) v6: Vec<Span>,
}

/// How many addresses a set has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The fewest prefixes that hold them, both families.
    pub prefixes: usize,
    /// IPv4 addresses.
    pub v4: u64,
    /// IPv6 addresses; all of them are one more than this can say, and are said to be one fewer.
    pub v6: u128,
}

/// The addresses that ranges come to, as the longest match sees them: each range with whether its addresses belong
/// to the set. A range that says no takes its addresses out of a wider one, and wins on the same prefix.
pub fn aggregate(ranges: impl IntoIterator<Item = (IpNet, bool)>) -> Addresses {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for (net, belongs) in ranges {
        let ranges = if matches!(net, IpNet::V4(_)) { &mut v4 } else { &mut v6 };
        ranges.push((key(net.network()), net.prefix_len(), belongs));
    }
    Addresses { v4: spans(v4), v6: spans(v6) }
}

/// The spans of ranges (key, len, belongs) of one family.
fn spans(mut ranges: Vec<(u128, u8, bool)>) -> Vec<Span> {
    ranges.sort_unstable_by_key(|&(key, len, belongs)| (key, len, belongs));
    ranges.dedup_by_key(|&mut (key, len, _)| (key, len));
    let mut spans = Vec::new();
    // The ranges around the current address, widest first: the last address and whether they belong.
    let mut open: Vec<(u128, bool)> = Vec::new();
    // The first address that nothing was said about yet; `None` behind the last one there is.
    let mut next = Some(0);
    for (key, len, belongs) in ranges {
        while let Some((last, inside)) = open.pop_if(|(last, _)| *last < key) {
            say(&mut spans, &mut next, last, inside);
        }
        if let (Some(&(_, inside)), Some(before)) = (open.last(), key.checked_sub(1)) {
            say(&mut spans, &mut next, before, inside);
        }
        next = next.max(Some(key));
        open.push((key | u128::MAX.checked_shr(len.into()).unwrap_or(0), belongs));
    }
    for (last, inside) in open.into_iter().rev() {
        say(&mut spans, &mut next, last, inside);
    }
    spans
}

/// The addresses from `next` to `last` belong to the set, or do not.
fn say(spans: &mut Vec<Span>, next: &mut Option<u128>, last: u128, belong: bool) {
    let Some(first) = next.filter(|first| *first <= last) else { return };
    *next = last.checked_add(1);
    if belong {
        match spans.last_mut().filter(|before| before.1.checked_add(1) == Some(first)) {
            Some(before) => before.1 = last,
            None => spans.push((first, last)),
        }
    }
}

impl Addresses {
    /// The fewest prefixes that hold exactly these addresses: IPv4 first, each family in its order.
    pub fn prefixes(&self) -> impl Iterator<Item = IpNet> + '_ {
        let v4 = self.v4.iter().flat_map(|&(first, last)| {
            let [first, last] = [first, last].map(|key| ((key >> BELOW_V4) as u32).into());
            Ipv4Subnets::new(first, last, 0).map(IpNet::V4)
        });
        let v6 = self
            .v6
            .iter()
            .flat_map(|&(first, last)| Ipv6Subnets::new(first.into(), last.into(), 0).map(IpNet::V6));
        v4.chain(v6)
    }

    /// How many there are.
    #[must_use]
    pub fn size(&self) -> Size {
        Size {
            prefixes: self.prefixes().count(),
            v4: self.v4.iter().map(|(first, last)| (((last - first) >> BELOW_V4) as u64) + 1).sum(),
            v6: self
                .v6
                .iter()
                .fold(0u128, |sum, (first, last)| sum.saturating_add(last - first).saturating_add(1)),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }
}
