//! What one set of addresses has and another has not.

use super::aggregate::{Addresses, Span};

/// The addresses of `set` that `other` does not have.
#[must_use]
pub fn difference(set: &Addresses, other: &Addresses) -> Addresses {
    Addresses { v4: without(&set.v4, &other.v4), v6: without(&set.v6, &other.v6) }
}

/// Both in their order, so each is gone through once.
fn without(spans: &[Span], others: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    let mut others = others.iter().peekable();
    for &(first, last) in spans {
        // What of the span is still to be judged; `None` when all of it was.
        let mut rest = Some(first);
        while let (Some(first), Some(&&(from, to))) = (rest, others.peek()) {
            if from > last {
                break;
            }
            if to < first {
                others.next();
                continue;
            }
            if from > first {
                left.push((first, from - 1));
            }
            rest = if to < last { Some(to + 1) } else { None };
        }
        left.extend(rest.map(|first| (first, last)));
    }
    left
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, net::IpAddr};

    use ipnet::IpNet;
    use proptest::prelude::*;

    use super::*;
    use crate::ranges::aggregate::aggregate;

    fn set(text: &str) -> Addresses {
        aggregate(text.split_whitespace().map(|net| (net.parse().unwrap(), true)))
    }

    fn shown(set: &Addresses) -> String {
        set.prefixes().map(|net| net.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_same_addresses_in_other_prefixes_are_no_difference() {
        let (one, other) = (set("10.0.0.0/24 ::/0"), set("8000::/1 10.0.0.128/25 ::/1 10.0.0.0/25"));
        assert!(difference(&one, &other).is_empty() && difference(&other, &one).is_empty());
    }

    #[test]
    fn what_is_left_is_in_the_fewest_prefixes() {
        let left = difference(&set("10.0.0.0/24 0.0.0.0/8 2001:db8::/32"), &set("10.0.0.64/26 ::/0"));
        assert_eq!(shown(&left), "0.0.0.0/8 10.0.0.0/26 10.0.0.128/25");
        assert_eq!(shown(&difference(&set("0.0.0.0/0"), &set("0.0.0.0/1"))), "128.0.0.0/1");
        assert_eq!(shown(&difference(&set("::/0"), &set("::1/128 ffff::/16"))).split(' ').count(), 127 + 15);
    }

    /// iprange#55: the difference of IPv6 sets was that of their IPv4 ones, or nothing.
    #[test]
    fn ipv6_is_compared_as_ipv4_is() {
        let (before, after) = (set("2001:db8::/32 192.0.2.0/24"), set("2001:db8::/33 192.0.2.0/25"));
        assert_eq!(shown(&difference(&before, &after)), "192.0.2.128/25 2001:db8:8000::/33");
        assert_eq!(shown(&difference(&after, &before)), "");
        assert_eq!(shown(&difference(&set("2001:db8::/32"), &set("192.0.2.0/24"))), "2001:db8::/32");
        assert_eq!(
            shown(&difference(&set("::/96"), &set("0.0.0.0/0"))),
            "::/96",
            "the families share no address"
        );
    }

    /// IPv4 addresses of one /26, and IPv6 addresses at the end of all there are: a set of numbers is the oracle.
    fn nets() -> impl Strategy<Value = Vec<(IpNet, bool)>> {
        let v4 = (0..64u32, 26..=32u8).prop_map(|(low, len)| (0xcb00_7100 | low, len));
        let v4 = v4.prop_map(|(bits, len)| IpNet::new(IpAddr::V4(bits.into()), len).unwrap());
        let v6 = (0..64u128, 122..=128u8).prop_map(|(low, len)| (u128::MAX - low, len));
        let v6 = v6.prop_map(|(bits, len)| IpNet::new(IpAddr::V6(bits.into()), len).unwrap());
        prop::collection::vec((prop_oneof![v4, v6], prop::bool::weighted(0.7)), 0..30)
    }

    /// The rule itself, asked of each address: the longest prefix decides, on the same prefix the one that says no.
    fn oracle(nets: &[(IpNet, bool)]) -> BTreeSet<IpAddr> {
        let v4 = (0..64u32).map(|low| IpAddr::V4((0xcb00_7100 | low).into()));
        let v6 = (0..64u128).map(|low| IpAddr::V6((u128::MAX - low).into()));
        let belongs = |addr: &IpAddr| {
            let covering = nets.iter().filter(|(net, _)| net.contains(addr));
            covering.max_by_key(|(net, yes)| (net.prefix_len(), !yes)).is_some_and(|(_, yes)| *yes)
        };
        v4.chain(v6).filter(belongs).collect()
    }

    fn members(set: &Addresses) -> BTreeSet<IpAddr> {
        let hosts = |net: IpNet| net.subnets(net.max_prefix_len()).unwrap().map(|host| host.addr());
        set.prefixes().flat_map(hosts).collect()
    }

    proptest! {
        #[test]
        fn aggregation_neither_adds_nor_loses_an_address(nets in nets()) {
            let set = aggregate(nets.iter().copied());
            prop_assert_eq!(members(&set), oracle(&nets));
            let size = set.size();
            let (v4, v6): (Vec<_>, Vec<_>) = oracle(&nets).into_iter().partition(IpAddr::is_ipv4);
            prop_assert_eq!((size.v4, size.v6), (v4.len() as u64, v6.len() as u128));
            // No fewer prefixes can hold them: ipnet's own aggregation finds nothing left to join.
            let prefixes: Vec<_> = set.prefixes().collect();
            prop_assert_eq!(IpNet::aggregate(&prefixes).len(), prefixes.len());
        }

        #[test]
        fn the_difference_is_that_of_the_sets(one in nets(), other in nets()) {
            let (a, b) = (aggregate(one.iter().copied()), aggregate(other.iter().copied()));
            let expected: BTreeSet<_> = oracle(&one).difference(&oracle(&other)).copied().collect();
            prop_assert_eq!(members(&difference(&a, &b)), expected);
        }
    }
}
