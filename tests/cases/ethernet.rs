//! Ethernet: which frames hold addresses at all, and where they may end.

use checker_common::outcome::Outcome::{Alerted, Compliant, LinkControl, NoList, NotIp, Storage, Truncated};
use harness::frame::Frame;

use super::{Case, ETHERNET, Look::Incoming, ONE, OTHER, RESTRICTED, arp, cut, restricted, restricted_v6};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = plain();
    cases.extend(others());
    cases.extend(without_list());
    cases
}

fn plain() -> Vec<Case> {
    vec![
        Case {
            look: Incoming,
            says: "a packet from a restricted source is restricted",
            frame: restricted().bytes(),
            lists: vec![ONE],
            outcome: Alerted,
            reads: "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "ONE 203.0.113.0/24",
        },
        Case {
            look: Incoming,
            says: "a packet from another source is compliant",
            frame: Frame::between("192.0.2.1", OTHER).udp(40_000, 623).bytes(),
            lists: vec![ONE],
            outcome: Compliant,
            reads: "192.0.2.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "",
        },
        Case {
            look: Incoming,
            says: "a restricted destination is not what ingress looks at",
            frame: Frame::between(OTHER, RESTRICTED).udp(40_000, 623).bytes(),
            lists: vec![ONE],
            outcome: Compliant,
            reads: "198.51.100.9:40000 > 203.0.113.1:623 protocol 17",
            meets: "",
        },
        Case {
            look: Incoming,
            says: "a jumbo frame is read like any other",
            frame: restricted().data(8_900).bytes(),
            lists: vec![ONE],
            outcome: Alerted,
            reads: "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "ONE 203.0.113.0/24",
        },
        Case {
            look: Incoming,
            says: "padding behind a short packet changes nothing",
            frame: [restricted().bytes(), vec![0xff; 18]].concat(),
            lists: vec![ONE],
            outcome: Alerted,
            reads: "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "ONE 203.0.113.0/24",
        },
    ]
}

fn others() -> Vec<Case> {
    let unread = |says, frame, outcome| Case { outcome, ..not_ip(says, frame) };
    let of_type = |ether_type, content| Frame::other(ether_type, content).bytes();
    vec![
        unread("LLDP is link control", of_type(0x88cc, vec![0; 46]), LinkControl),
        unread(
            "spanning tree is link control",
            of_type(38, [&[0x42, 0x42, 3][..], &[0; 35]].concat()),
            LinkControl,
        ),
        unread("EAPOL is link control", of_type(0x888e, vec![0; 46]), LinkControl),
        unread("a pause frame is link control", of_type(0x8808, vec![0; 46]), LinkControl),
        unread("LACP is link control", of_type(0x8809, vec![0; 46]), LinkControl),
        unread("PTP is link control", of_type(0x88f7, vec![0; 46]), LinkControl),
        unread("RoCE is storage", of_type(0x8915, vec![0; 46]), Storage),
        unread("ATA over Ethernet is storage", of_type(0x88a2, vec![0; 46]), Storage),
        unread("FCoE is storage", of_type(0x8906, vec![0; 46]), Storage),
        not_ip("IPX is not IP", of_type(0x8137, vec![0; 46])),
        not_ip("IEEE 802.3 has a length where the type would be", of_type(38, vec![0x42; 38])),
        not_ip("an EtherType in the wrong byte order is another one", behind(0x0008, &[]).bytes()),
        unread("a header with nothing behind it is judged by its type", of_type(0x88cc, vec![]), LinkControl),
        truncated("an empty frame is truncated", vec![]),
        truncated("a frame that ends in its Ethernet header is truncated", cut(restricted(), ETHERNET - 1)),
        truncated("an IPv4 frame of only an Ethernet header is truncated", cut(restricted(), ETHERNET)),
        truncated("an IPv6 frame of only an Ethernet header is truncated", cut(restricted_v6(), ETHERNET)),
    ]
}

fn without_list() -> Vec<Case> {
    vec![
        Case {
            look: Incoming,
            says: "without a list nothing is judged, and that is not compliant",
            frame: restricted().bytes(),
            lists: vec![],
            outcome: NoList,
            reads: "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            meets: "",
        },
        Case {
            look: Incoming,
            says: "without a list IPv6 is not judged either",
            frame: restricted_v6().bytes(),
            lists: vec![],
            outcome: NoList,
            reads: "[2001:db8::1]:40000 > [3fff::9]:623 protocol 17",
            meets: "",
        },
        Case {
            look: Incoming,
            says: "without a list ARP is not judged either",
            frame: arp().bytes(),
            lists: vec![],
            outcome: NoList,
            reads: "203.0.113.1 > 198.51.100.9 ARP",
            meets: "",
        },
        Case {
            lists: vec![],
            ..not_ip("without a list IPX is still not IP", Frame::other(0x8137, vec![0; 46]).bytes())
        },
    ]
}

fn not_ip(says: &'static str, frame: Vec<u8>) -> Case {
    Case { look: Incoming, says, frame, lists: vec![ONE], outcome: NotIp, reads: "", meets: "" }
}

fn truncated(says: &'static str, frame: Vec<u8>) -> Case {
    Case { look: Incoming, says, frame, lists: vec![ONE], outcome: Truncated, reads: "", meets: "" }
}

/// An IPv4 packet behind another EtherType, and behind `headers`.
fn behind(ether_type: u16, headers: &[u8]) -> Frame {
    Frame::other(ether_type, [headers, &restricted().bytes()[ETHERNET..]].concat())
}
