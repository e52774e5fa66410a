//! IPv6: the same questions as for IPv4, and that the two families answer for each other only where one address
//! carries the other.

use checker_common::outcome::Outcome::{self, Alerted, Compliant, Malformed, Truncated};
use harness::{frame::Frame, lists::List};

use super::{Case, Look::Incoming, ONE, OTHER, OTHER_V6, alert, cut, restricted_v6, with_byte};

/// Bytes of the Ethernet header; here the IPv6 header starts.
const ETHERNET: usize = 14;
/// Bytes of the fixed IPv6 header.
const IPV6: usize = 40;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = borders();
    cases.extend(families());
    cases.extend(headers());
    cases
}

fn borders() -> Vec<Case> {
    let case = |says, text, source, reads, meets: &'static str| Case {
        look: Incoming,
        says,
        frame: Frame::between(source, OTHER_V6).bytes(),
        lists: vec![alert("ONE", text)],
        outcome: if meets.is_empty() { Compliant } else { Alerted },
        reads,
        meets,
    };
    vec![
        case(
            "the first address of an IPv6 range is in it",
            "2001:db8:40::/43\n",
            "2001:db8:40::",
            "[2001:db8:40::]:40000 > [3fff::9]:9 protocol 17",
            "ONE 2001:db8:40::/43",
        ),
        case(
            "the last address of an IPv6 range is in it",
            "2001:db8:40::/43\n",
            "2001:db8:5f:ffff:ffff:ffff:ffff:ffff",
            "[2001:db8:5f:ffff:ffff:ffff:ffff:ffff]:40000 > [3fff::9]:9 protocol 17",
            "ONE 2001:db8:40::/43",
        ),
        case(
            "the address before an IPv6 range is not in it",
            "2001:db8:40::/43\n",
            "2001:db8:3f:ffff:ffff:ffff:ffff:ffff",
            "[2001:db8:3f:ffff:ffff:ffff:ffff:ffff]:40000 > [3fff::9]:9 protocol 17",
            "",
        ),
        case(
            "the address behind an IPv6 range is not in it",
            "2001:db8:40::/43\n",
            "2001:db8:60::",
            "[2001:db8:60::]:40000 > [3fff::9]:9 protocol 17",
            "",
        ),
        case(
            "a /128 is its one address",
            "2001:db8::1\n",
            "2001:db8::1",
            "[2001:db8::1]:40000 > [3fff::9]:9 protocol 17",
            "ONE 2001:db8::1/128",
        ),
        case(
            "a /128 is no other address",
            "2001:db8::1\n",
            "2001:db8::2",
            "[2001:db8::2]:40000 > [3fff::9]:9 protocol 17",
            "",
        ),
        case(
            "::/0 is every IPv6 address",
            "::/0\n",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:40000 > [3fff::9]:9 protocol 17",
            "ONE ::/0",
        ),
    ]
}

fn families() -> Vec<Case> {
    let v4 = "203.0.113.1:40000 > 198.51.100.9:9 protocol 17";
    let compliant = |says, list: List, source, destination, reads| Case {
        look: Incoming,
        says,
        frame: Frame::between(source, destination).bytes(),
        lists: vec![list],
        outcome: Compliant,
        reads,
        meets: "",
    };
    vec![
        compliant("::/0 is no IPv4 address", alert("ONE", "::/0\n"), "203.0.113.1", OTHER, v4),
        compliant(
            "0.0.0.0/0 is no IPv6 address",
            alert("ONE", "0.0.0.0/0\n"),
            "2001:db8::1",
            OTHER_V6,
            "[2001:db8::1]:40000 > [3fff::9]:9 protocol 17",
        ),
        compliant(
            "an IPv6 prefix that begins with the octets of an IPv4 address does not cover it",
            alert("ONE", "cb00:7101::/32\n"),
            "203.0.113.1",
            OTHER,
            v4,
        ),
        compliant(
            "an IPv4 prefix does not cover an IPv6 address that begins with its octets",
            alert("ONE", "203.0.113.1\n"),
            "cb00:7101::1",
            OTHER_V6,
            "[cb00:7101::1]:40000 > [3fff::9]:9 protocol 17",
        ),
    ]
}

fn headers() -> Vec<Case> {
    let restricts = |says, frame: Vec<u8>, reads| Case {
        look: Incoming,
        says,
        frame,
        lists: vec![ONE],
        outcome: Alerted,
        reads,
        meets: "ONE 2001:db8::/32",
    };
    let unread = |says, frame: Vec<u8>, outcome: Outcome| Case {
        look: Incoming,
        says,
        frame,
        lists: vec![ONE],
        outcome,
        reads: "",
        meets: "",
    };
    let tcp = restricted_v6().tcp(50_000, 443).bytes();
    let icmp = restricted_v6().protocol(58, vec![128; 8]).bytes();
    vec![
        restricts("TCP over IPv6 has ports", tcp, "[2001:db8::1]:50000 > [3fff::9]:443 protocol 6"),
        restricts(
            "SCTP over IPv6 has ports",
            restricted_v6().sctp(36_412, 38_412).bytes(),
            "[2001:db8::1]:36412 > [3fff::9]:38412 protocol 132",
        ),
        restricts("ICMPv6 has none", icmp, "2001:db8::1 > 3fff::9 protocol 58 type 128"),
        restricts(
            "an IPv6 frame that ends right behind the addresses is judged, without ports",
            cut(restricted_v6(), ETHERNET + IPV6),
            "2001:db8::1 > 3fff::9 protocol 17",
        ),
        unread(
            "IPv4 under the EtherType of IPv6 is malformed",
            with_byte(restricted_v6(), ETHERNET, 0x45),
            Malformed,
        ),
        unread(
            "an IPv6 header that is cut off is truncated",
            cut(restricted_v6(), ETHERNET + IPV6 - 1),
            Truncated,
        ),
        unread(
            "an IPv6 header that ends behind the source is truncated",
            cut(restricted_v6(), ETHERNET + 24),
            Truncated,
        ),
    ]
}
