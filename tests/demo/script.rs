//! What is sent: documentation addresses only (RFC 5737, RFC 3849).

use std::fmt::Write as _;

use harness::frame::{DOT1AD, DOT1Q, Frame};

/// The first list.
pub(crate) const ONE: &str = "\
# one.txt
203.0.113.0/24       ; a data centre that should be empty
2001:db8:bad::/48";

/// The second list.
pub(crate) const TWO: &str = "192.0.2.64/26\n";

/// How often the newcomer sends; the second list comes after half of them.
pub(crate) const ROUNDS: u32 = 6;

/// For how many seconds a lab that is kept goes on sending.
pub(crate) const PATIENCE: u32 = 6 * 3600;

/// One frame.
pub(crate) struct Scene {
    pub(crate) words: &'static str,
    pub(crate) frame: Vec<u8>,
    pub(crate) restricted: bool,
}

/// A BMC's hardware address.
const BMC: [u8; 6] = [0x3c, 0xec, 0xef, 0x01, 0x02, 0x03];

pub(crate) fn first_act() -> Vec<Scene> {
    let v4 = |source| Frame::between(source, "198.51.100.9");
    let v6 = |source| Frame::between(source, "2001:db8::9");
    let scene = |words, frame: Frame, restricted| Scene { words, frame: frame.bytes_from(BMC), restricted };
    vec![
        scene("192.0.2.1, HTTPS: ordinary", v4("192.0.2.1").tcp(51_000, 443), false),
        scene("203.0.113.7, IPMI", v4("203.0.113.7").udp(40_000, 623), true),
        scene("2001:db8:1::1, SSH: ordinary", v6("2001:db8:1::1").tcp(51_001, 22), false),
        scene("2001:db8:bad::1, Redfish", v6("2001:db8:bad::1").tcp(51_002, 443), true),
        scene("203.0.113.8 in VLAN 100, SNMP", v4("203.0.113.8").udp(40_001, 161).tag(DOT1Q, 100), true),
        scene(
            "203.0.113.9 behind two tags",
            v4("203.0.113.9").tcp(51_003, 22).tag(DOT1AD, 200).tag(DOT1Q, 100),
            true,
        ),
        scene(
            "198.51.100.77 in VLAN 100: ordinary",
            v4("198.51.100.77").udp(40_002, 161).tag(DOT1Q, 100),
            false,
        ),
    ]
}

/// A source that the first list has.
pub(crate) fn known() -> Vec<u8> {
    Frame::between("203.0.113.7", "198.51.100.9").udp(40_000, 623).bytes_from(BMC)
}

/// A source that only the second list has.
pub(crate) fn newcomer() -> Vec<u8> {
    Frame::between("192.0.2.77", "198.51.100.9").udp(40_003, 623).bytes_from(BMC)
}

/// Twenty thousand ranges that nothing here is sent from (RFC 6598).
pub(crate) fn many() -> String {
    let mut text = String::new();
    for number in 0..20_000_u32 {
        let [a, b, c, d] = (u32::from_be_bytes([100, 64, 0, 0]) + number * 16).to_be_bytes();
        let _infallible = writeln!(text, "{a}.{b}.{c}.{d}/29");
    }
    text
}
