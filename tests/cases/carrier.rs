//! What stands between Ethernet and IP: LLC and SNAP, MPLS, PPPoE, MACsec.

use checker_common::outcome::Outcome::{
    Encrypted, HeaderChainTooLong, LinkControl, Malformed, NotIp, Truncated, UnknownHeader,
};
use harness::frame::{DOT1Q, Frame};

use super::{Case, hit, miss, packet, restricted, restricted_v6};

const UDP: &str = "203.0.113.1:40000 > 198.51.100.9:623 protocol 17";
const UDP_V6: &str = "[2001:db8::1]:40000 > [3fff::9]:623 protocol 17";

/// EtherTypes; a number below 0x600 is a length.
const LENGTH: u16 = 36;
const MPLS: u16 = 0x8847;
const PPPOE: u16 = 0x8864;
const MACSEC: u16 = 0x88e5;

/// A label with more of them behind it, and the last one.
const LABEL: [u8; 4] = [0, 1, 0x20, 64];
const LAST_LABEL: [u8; 4] = [0, 2, 0x21, 64];

pub(crate) fn cases() -> Vec<Case> {
    [llc(), mpls(), pppoe(), macsec()].concat()
}

/// A packet from a restricted source behind `headers`.
fn behind(ether_type: u16, headers: &[u8]) -> Frame {
    Frame::other(ether_type, [headers, &packet(restricted())].concat())
}

fn behind_v6(ether_type: u16, headers: &[u8]) -> Vec<u8> {
    Frame::other(ether_type, [headers, &packet(restricted_v6())].concat()).bytes()
}

fn v4(says: &'static str, frame: Frame) -> Case {
    hit(says, frame.bytes(), UDP, "ONE 203.0.113.0/24")
}

fn v6(says: &'static str, frame: Vec<u8>) -> Case {
    hit(says, frame, UDP_V6, "ONE 2001:db8::/32")
}

fn llc() -> Vec<Case> {
    let snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    let llc = |header: &[u8]| Frame::other(LENGTH, [header, &[0; 40]].concat()).bytes();
    vec![
        v4("IP is found behind LLC and SNAP, in a frame with a length for a type", behind(LENGTH, &snap)),
        v6("IPv6 is found behind LLC and SNAP", behind_v6(LENGTH, &[0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd])),
        v4(
            "IP is found behind the SNAP of a bridge that tunnelled the frame (802.1H)",
            behind(LENGTH, &[0xaa, 0xaa, 3, 0, 0, 0xf8, 8, 0]),
        ),
        v4("IP is found behind the LLC that is IP's own", behind(LENGTH, &[6, 6, 3])),
        v4("IP is found behind LLC and SNAP under an EtherType, as in long frames", behind(0x8870, &snap)),
        hit(
            "IP is found behind a tag and SNAP",
            behind(LENGTH, &snap).tag(DOT1Q, 100).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 100",
            "ONE 203.0.113.0/24",
        ),
        v4("a length of 0x05dc is a length, not a type", behind(1500, &snap)),
        miss("NetBIOS over LLC is not IP", llc(&[0xf0, 0xf0, 3]), NotIp, ""),
        miss("LLC with a numbered control field is not IP", llc(&[0xaa, 0xaa, 0, 0, 0, 0, 8, 0]), NotIp, ""),
        miss("SNAP with a length for a type is not IP", llc(&[0xaa, 0xaa, 3, 0, 0, 0, 0, 36]), NotIp, ""),
        miss("SNAP of another organisation is not IP", llc(&[0xaa, 0xaa, 3, 8, 0, 7, 8, 0]), NotIp, ""),
        miss("CDP is link control", llc(&[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0]), LinkControl, ""),
        miss("LLC that is cut off is truncated", Frame::other(3, vec![0xaa, 0xaa, 3]).bytes(), Truncated, ""),
    ]
}

fn mpls() -> Vec<Case> {
    let labels = |count: usize| [LABEL.repeat(count - 1), LAST_LABEL.to_vec()].concat();
    vec![
        v4("IP is found behind an MPLS label", behind(MPLS, &LAST_LABEL)),
        v4("IP is found behind two MPLS labels", behind(MPLS, &labels(2))),
        v4("IP is found behind as many MPLS labels as are followed", behind(MPLS, &labels(8))),
        v6("IPv6 is found behind an MPLS label", behind_v6(MPLS, &LAST_LABEL)),
        v6("IPv6 is found behind five MPLS labels", behind_v6(MPLS, &labels(5))),
        v4("IP is found behind the label of an MPLS multicast", behind(0x8848, &LAST_LABEL)),
        miss(
            "nine MPLS labels are one more than is followed",
            behind(MPLS, &labels(9)).bytes(),
            HeaderChainTooLong,
            "",
        ),
        miss(
            "MPLS around something else than IP is not known",
            Frame::other(MPLS, [&LAST_LABEL[..], &[0; 40]].concat()).bytes(),
            UnknownHeader,
            "",
        ),
        miss(
            "MPLS that ends with its labels is truncated",
            Frame::other(MPLS, labels(2)).bytes(),
            Truncated,
            "",
        ),
    ]
}

fn pppoe() -> Vec<Case> {
    // Version and type, code, session, length; then the protocol of PPP.
    let session = |protocol: &[u8]| [&[0x11, 0, 0, 1, 0, 30], protocol].concat();
    let with = |protocol: &[u8]| Frame::other(PPPOE, [session(protocol), vec![0; 40]].concat()).bytes();
    vec![
        v4("IP is found in a PPPoE session", behind(PPPOE, &session(&[0, 0x21]))),
        v4(
            "IP is found in a PPPoE session that compresses its protocol field",
            behind(PPPOE, &session(&[0x21])),
        ),
        v6("IPv6 is found in a PPPoE session", behind_v6(PPPOE, &session(&[0, 0x57]))),
        v4(
            "IP is found behind MPLS in a PPPoE session",
            behind(PPPOE, &[session(&[2, 0x81]), LAST_LABEL.to_vec()].concat()),
        ),
        miss("the link control of PPP is link control", with(&[0xc0, 0x21]), LinkControl, ""),
        miss("PPPoE discovery is link control", Frame::other(0x8863, vec![0; 40]).bytes(), LinkControl, ""),
        miss("a PPP link that encrypts is encrypted", with(&[0, 0x53]), Encrypted, ""),
        miss("IPX in a PPPoE session is not IP", with(&[0, 0x2b]), NotIp, ""),
        miss(
            "a PPPoE session of another version is malformed",
            Frame::other(PPPOE, vec![0; 64]).bytes(),
            Malformed,
            "",
        ),
        miss(
            "a PPPoE session that is cut off is truncated",
            Frame::other(PPPOE, vec![0x11, 0]).bytes(),
            Truncated,
            "",
        ),
    ]
}

fn macsec() -> Vec<Case> {
    // Tag control information, short length, packet number; then the EtherType.
    let plain = [0, 0, 0, 0, 0, 1, 8, 0];
    let with_channel = [&[0x20, 0, 0, 0, 0, 1][..], &[2; 8], &[8, 0]].concat();
    vec![
        v4("IP is found behind MACsec that protects and does not encrypt", behind(MACSEC, &plain)),
        v4("IP is found behind MACsec that names its channel", behind(MACSEC, &with_channel)),
        miss(
            "MACsec that encrypts is encrypted",
            behind(MACSEC, &[0x0c, 0, 0, 0, 0, 1, 8, 0]).bytes(),
            Encrypted,
            "",
        ),
    ]
}
