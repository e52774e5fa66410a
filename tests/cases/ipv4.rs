//! IPv4: where a range begins and ends, where the ports are, and what is no header.

use checker_common::outcome::Outcome::{self, Alerted, Compliant, Malformed, Truncated};
use harness::frame::Frame;

use super::{Case, Look::Incoming, ONE, OTHER, RESTRICTED, alert, cut, restricted, with_byte};

/// Bytes of the Ethernet header; here the IPv4 header starts.
const ETHERNET: usize = 14;
/// Bytes of the IPv4 header without options.
const IPV4: usize = 20;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = borders();
    cases.extend(ports());
    cases.extend(headers());
    cases
}

fn borders() -> Vec<Case> {
    // A prefix that is no whole octet: crowdsecurity/cs-firewall-bouncer#412 lost the last addresses of such ones.
    let list = alert("ONE", "203.0.113.64/27\n");
    let source = |says, source, outcome, reads| {
        let meets = if outcome == Alerted { "ONE 203.0.113.64/27" } else { "" };
        Case {
            look: Incoming,
            says,
            frame: Frame::between(source, OTHER).bytes(),
            lists: vec![list],
            outcome,
            reads,
            meets,
        }
    };
    // ntopng#9835: an address and its mirror image.
    let mirrored = |says, source, outcome, reads, meets| {
        let lists = vec![alert("ONE", "1.2.3.4/32\n")];
        Case {
            look: Incoming,
            says,
            frame: Frame::between(source, OTHER).bytes(),
            lists,
            outcome,
            reads,
            meets,
        }
    };
    vec![
        source(
            "the first address of a range is in it",
            "203.0.113.64",
            Alerted,
            "203.0.113.64:40000 > 198.51.100.9:9 protocol 17",
        ),
        source(
            "the last address of a range is in it",
            "203.0.113.95",
            Alerted,
            "203.0.113.95:40000 > 198.51.100.9:9 protocol 17",
        ),
        source(
            "the address before a range is not in it",
            "203.0.113.63",
            Compliant,
            "203.0.113.63:40000 > 198.51.100.9:9 protocol 17",
        ),
        source(
            "the address behind a range is not in it",
            "203.0.113.96",
            Compliant,
            "203.0.113.96:40000 > 198.51.100.9:9 protocol 17",
        ),
        mirrored(
            "an address is read in network byte order",
            "1.2.3.4",
            Alerted,
            "1.2.3.4:40000 > 198.51.100.9:9 protocol 17",
            "ONE 1.2.3.4/32",
        ),
        mirrored(
            "an address is not read backwards",
            "4.3.2.1",
            Compliant,
            "4.3.2.1:40000 > 198.51.100.9:9 protocol 17",
            "",
        ),
    ]
}

fn ports() -> Vec<Case> {
    let with = |says, frame: Frame, reads| restricts(says, frame.bytes(), reads);
    let plain = || Frame::between(RESTRICTED, OTHER);
    vec![
        with("TCP has ports", plain().tcp(1, 65_535), "203.0.113.1:1 > 198.51.100.9:65535 protocol 6"),
        with(
            "SCTP has ports",
            plain().sctp(36_412, 38_412),
            "203.0.113.1:36412 > 198.51.100.9:38412 protocol 132",
        ),
        with(
            "ICMP has none",
            plain().protocol(1, vec![8; 8]),
            "203.0.113.1 > 198.51.100.9 protocol 1 type 8",
        ),
        with("IGMP has none", plain().protocol(2, vec![0x16; 8]), "203.0.113.1 > 198.51.100.9 protocol 2"),
        with("OSPF has none", plain().protocol(89, vec![2; 24]), "203.0.113.1 > 198.51.100.9 protocol 89"),
        with(
            "a protocol that nobody has assigned has none",
            plain().protocol(200, vec![1; 24]),
            "203.0.113.1 > 198.51.100.9 protocol 200",
        ),
        with("GRE has none", plain().protocol(47, vec![8; 8]), "203.0.113.1 > 198.51.100.9 protocol 47"),
        with("ESP has none", plain().protocol(50, vec![8; 8]), "203.0.113.1 > 198.51.100.9 protocol 50"),
        with(
            "ports stand behind the options",
            restricted().options(3),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
        ),
        with(
            "ports stand behind as many options as there can be",
            restricted().options(10),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
        ),
        with(
            "the first fragment has ports",
            restricted().fragment(0, true),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
        ),
        with(
            "a later fragment has data where ports would be, and is judged by its address",
            restricted().fragment(185, true),
            "203.0.113.1 > 198.51.100.9 protocol 17",
        ),
        with(
            "the last fragment has no ports either",
            restricted().fragment(1, false),
            "203.0.113.1 > 198.51.100.9 protocol 17",
        ),
        with(
            "a later fragment of one byte is no failure to parse",
            plain().protocol(6, vec![1]).fragment(185, false),
            "203.0.113.1 > 198.51.100.9 protocol 6",
        ),
        with(
            "a later fragment without any data is no failure to parse",
            plain().protocol(6, vec![]).fragment(185, false),
            "203.0.113.1 > 198.51.100.9 protocol 6",
        ),
        with(
            "a later fragment behind options",
            restricted().options(10).fragment(3, true),
            "203.0.113.1 > 198.51.100.9 protocol 17",
        ),
        restricts(
            "a frame that ends right behind the addresses is judged, without ports",
            cut(restricted(), ETHERNET + IPV4),
            "203.0.113.1 > 198.51.100.9 protocol 17",
        ),
        restricts(
            "a frame that ends between its ports is judged, without ports",
            cut(restricted(), ETHERNET + IPV4 + 3),
            "203.0.113.1 > 198.51.100.9 protocol 17",
        ),
        restricts(
            "a frame that ends in its options is judged, without ports",
            cut(restricted().options(10), ETHERNET + IPV4 + 8),
            "203.0.113.1 > 198.51.100.9 protocol 17",
        ),
        restricts(
            "a total length that does not hold changes nothing",
            with_byte(restricted(), ETHERNET + 3, 1),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
        ),
    ]
}

fn headers() -> Vec<Case> {
    let version_length = |value| with_byte(restricted(), ETHERNET, value);
    vec![
        unread("a header shorter than the addresses is malformed", version_length(0x44), Malformed),
        unread("a header of no length is malformed", version_length(0x40), Malformed),
        unread("IPv6 under the EtherType of IPv4 is malformed", version_length(0x65), Malformed),
        unread("a version 0 is malformed", version_length(0x05), Malformed),
        unread("a header that is cut off is truncated", cut(restricted(), ETHERNET + IPV4 - 1), Truncated),
        unread(
            "a header that ends behind the source is truncated",
            cut(restricted(), ETHERNET + 16),
            Truncated,
        ),
        unread("one byte of a header is truncated", cut(restricted(), ETHERNET + 1), Truncated),
    ]
}

fn restricts(says: &'static str, frame: Vec<u8>, reads: &'static str) -> Case {
    Case {
        look: Incoming,
        says,
        frame,
        lists: vec![ONE],
        outcome: Alerted,
        reads,
        meets: "ONE 203.0.113.0/24",
    }
}

fn unread(says: &'static str, frame: Vec<u8>, outcome: Outcome) -> Case {
    Case { look: Incoming, says, frame, lists: vec![ONE], outcome, reads: "", meets: "" }
}
