//! Ethernet: which frames are IP at all, and where they may end.

use checker_common::outcome::Outcome::{Alerted, Compliant, NoList, NotIp, Truncated};
use harness::frame::Frame;

use super::{Case, ONE, OTHER, RESTRICTED, cut, restricted, restricted_v6};

/// Bytes of the Ethernet header.
const ETHERNET: usize = 14;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            says: "a packet from a restricted source is restricted",
            frame: restricted().bytes(),
            lists: vec![ONE],
            outcome: Alerted,
            reads: "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "ONE 203.0.113.0/24",
        },
        Case {
            says: "a packet from another source is compliant",
            frame: Frame::between("192.0.2.1", OTHER).udp(40_000, 623).bytes(),
            lists: vec![ONE],
            outcome: Compliant,
            reads: "192.0.2.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "",
        },
        Case {
            says: "a restricted destination is not what ingress looks at",
            frame: Frame::between(OTHER, RESTRICTED).udp(40_000, 623).bytes(),
            lists: vec![ONE],
            outcome: Compliant,
            reads: "198.51.100.9:40000 > 203.0.113.1:623 protocol 17",
            meets: "",
        },
        Case {
            says: "a jumbo frame is read like any other",
            frame: restricted().data(8_900).bytes(),
            lists: vec![ONE],
            outcome: Alerted,
            reads: "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "ONE 203.0.113.0/24",
        },
        Case {
            says: "padding behind a short packet changes nothing",
            frame: [restricted().bytes(), vec![0xff; 18]].concat(),
            lists: vec![ONE],
            outcome: Alerted,
            reads: "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "ONE 203.0.113.0/24",
        },
        not_ip("ARP is not IP, whatever addresses are in it", Frame::other(0x0806, arp()).bytes()),
        not_ip("LLDP is not IP", Frame::other(0x88cc, vec![0; 46]).bytes()),
        not_ip("MPLS is not IP, even with IP in it", Frame::other(0x8847, vec![0; 64]).bytes()),
        not_ip("a PPPoE session is not IP, even with IP in it", Frame::other(0x8864, vec![0; 64]).bytes()),
        not_ip("IEEE 802.3 has a length where the type would be", Frame::other(38, vec![0x42; 38]).bytes()),
        not_ip("an EtherType in the wrong byte order is another one", with_type(0x0008).bytes()),
        not_ip("a header with nothing behind it is judged by its type", Frame::other(0x88cc, vec![]).bytes()),
        truncated("an empty frame is truncated", vec![]),
        truncated("a frame that ends in its Ethernet header is truncated", cut(restricted(), ETHERNET - 1)),
        truncated("an IPv4 frame of only an Ethernet header is truncated", cut(restricted(), ETHERNET)),
        truncated("an IPv6 frame of only an Ethernet header is truncated", cut(restricted_v6(), ETHERNET)),
        Case {
            says: "without a list nothing is judged, and that is not compliant",
            frame: restricted().bytes(),
            lists: vec![],
            outcome: NoList,
            reads: "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "",
        },
        Case {
            says: "without a list IPv6 is not judged either",
            frame: restricted_v6().bytes(),
            lists: vec![],
            outcome: NoList,
            reads: "[2001:db8::1]:40000 > [3fff::9]:623 protocol 17",
            meets: "",
        },
        Case {
            lists: vec![],
            ..not_ip("without a list ARP is still not IP", Frame::other(0x0806, arp()).bytes())
        },
    ]
}

fn not_ip(says: &'static str, frame: Vec<u8>) -> Case {
    Case { says, frame, lists: vec![ONE], outcome: NotIp, reads: "", meets: "" }
}

fn truncated(says: &'static str, frame: Vec<u8>) -> Case {
    Case { says, frame, lists: vec![ONE], outcome: Truncated, reads: "", meets: "" }
}

/// IPv4 in the wrong clothes.
fn with_type(ether_type: u16) -> Frame {
    Frame::other(ether_type, restricted().bytes()[ETHERNET..].to_vec())
}

/// Who has 198.51.100.9? Tell 203.0.113.1.
fn arp() -> Vec<u8> {
    let mut packet = vec![0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0x5e, 0x10, 0, 1, 203, 0, 113, 1];
    packet.extend([0, 0, 0, 0, 0, 0, 198, 51, 100, 9]);
    packet
}
