//! Who is where on the wire: ARP, and neighbour discovery, whose messages speak of an address beside their own.

use checker_common::outcome::Outcome::{Compliant, Malformed, NotIp, Truncated};
use harness::frame::Frame;

use super::{
    Case, ETHERNET, OTHER_V6, RESTRICTED_V6, arp, arp_between, cut, hit, miss, ordinary_v6, with_byte,
};

const ICMPV6: u8 = 58;

pub(crate) fn cases() -> Vec<Case> {
    [addresses(), discovery()].concat()
}

fn addresses() -> Vec<Case> {
    let (restricted, other) = ([203, 0, 113, 1], [198, 51, 100, 9]);
    let v4 = "ONE 203.0.113.0/24";
    let reverse = |frame: Vec<u8>| [&frame[..12], &[0x80, 0x35], &frame[ETHERNET..]].concat();
    vec![
        hit("the sender of ARP is a source", arp().bytes(), "203.0.113.1 > 198.51.100.9 ARP", v4),
        hit(
            "the sender of an ARP answer is a source",
            arp_between(2, restricted, other).bytes(),
            "203.0.113.1 > 198.51.100.9 ARP",
            v4,
        ),
        hit(
            "who announces an address by ARP is its source",
            arp_between(1, restricted, restricted).bytes(),
            "203.0.113.1 > 203.0.113.1 ARP",
            v4,
        ),
        hit(
            "the sender of reverse ARP is a source",
            reverse(arp().bytes()),
            "203.0.113.1 > 198.51.100.9 ARP",
            v4,
        ),
        miss(
            "whom ARP asks for is not what ingress looks at",
            arp_between(1, other, restricted).bytes(),
            Compliant,
            "198.51.100.9 > 203.0.113.1 ARP",
        ),
        miss(
            "ARP that probes for a duplicate has no sender yet",
            arp_between(1, [0; 4], other).bytes(),
            Compliant,
            "0.0.0.0 > 198.51.100.9 ARP",
        ),
        miss("ARP for another protocol than IPv4 is not IP", with_byte(arp(), ETHERNET + 2, 9), NotIp, ""),
        miss(
            "ARP with addresses of another length is malformed",
            with_byte(arp(), ETHERNET + 5, 6),
            Malformed,
            "",
        ),
        miss(
            "ARP that ends in front of the target's address is truncated",
            cut(arp(), ETHERNET + 24),
            Truncated,
            "",
        ),
    ]
}

/// A message of neighbour discovery: its type, seven bytes, and for some an address.
fn message(frame: Frame, kind: u8, target: Option<&str>) -> Frame {
    let target = target.map_or(Vec::new(), |target| {
        target.parse::<std::net::Ipv6Addr>().expect("an address").octets().to_vec()
    });
    frame.protocol(ICMPV6, [vec![kind, 0, 0, 0, 0, 0, 0, 0], target].concat())
}

fn discovery() -> Vec<Case> {
    let restricted = || Frame::between(RESTRICTED_V6, OTHER_V6);
    let v6 = "ONE 2001:db8::/32";
    let target = Some(RESTRICTED_V6);
    vec![
        hit(
            "the source of a router solicitation",
            message(restricted(), 133, None).bytes(),
            "2001:db8::1 > 3fff::9 protocol 58 type 133",
            v6,
        ),
        hit(
            "the source of a router advertisement",
            message(restricted(), 134, None).bytes(),
            "2001:db8::1 > 3fff::9 protocol 58 type 134",
            v6,
        ),
        hit(
            "the source of a neighbour solicitation",
            message(restricted(), 135, Some(OTHER_V6)).bytes(),
            "2001:db8::1 > 3fff::9 protocol 58 type 135 target 3fff::9",
            v6,
        ),
        hit(
            "the source of a neighbour advertisement",
            message(restricted(), 136, Some(OTHER_V6)).bytes(),
            "2001:db8::1 > 3fff::9 protocol 58 type 136 target 3fff::9",
            v6,
        ),
        hit(
            "whom a neighbour solicitation asks for",
            message(ordinary_v6(), 135, target).bytes(),
            "3fff::1 > 3fff::9 protocol 58 type 135 target 2001:db8::1",
            "ONE 2001:db8::/32 at target",
        ),
        hit(
            "whom a neighbour advertisement speaks of",
            message(ordinary_v6(), 136, target).bytes(),
            "3fff::1 > 3fff::9 protocol 58 type 136 target 2001:db8::1",
            "ONE 2001:db8::/32 at target",
        ),
        miss(
            "a neighbour solicitation among others",
            message(ordinary_v6(), 135, Some(OTHER_V6)).bytes(),
            Compliant,
            "3fff::1 > 3fff::9 protocol 58 type 135 target 3fff::9",
        ),
        miss(
            "a router advertisement among others",
            message(ordinary_v6(), 134, None).bytes(),
            Compliant,
            "3fff::1 > 3fff::9 protocol 58 type 134",
        ),
        miss(
            "a neighbour solicitation that ends in its target is truncated",
            cut(message(ordinary_v6(), 135, target), ETHERNET + 40 + 16),
            Truncated,
            "3fff::1 > 3fff::9 protocol 58 type 135",
        ),
    ]
}
