//! Each link type: the parser finds in it what it finds in an Ethernet frame.

use checker_common::{
    outcome::Outcome,
    packet::Packet,
    parse::{parse, walk},
};

use crate::offline::capture::link::{Seen, seen};

const IPV4: [u8; 28] = [
    0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 203, 0, 113, 1, 198, 51, 100, 9, 0x9c, 0x40, 2, 0x6f, 0, 8, 0,
    0,
];

/// The same from `2001:db8::1` to `3fff::9`.
fn ipv6() -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, 8, 17, 64, 0x20, 0x01, 0x0d, 0xb8];
    packet.resize(23, 0);
    packet.extend([1, 0x3f, 0xff]);
    packet.resize(39, 0);
    packet.extend([9, 0x9c, 0x40, 2, 0x6f, 0, 8, 0, 0]);
    packet
}

/// What the parser sees of it, both ways.
fn parsed(link: u16, bytes: &[u8]) -> (Result<Packet, Outcome>, bool) {
    match seen(link, bytes).expect("a known link type") {
        Seen::Frame(bytes) => (parse(bytes), true),
        Seen::Behind(behind) => {
            let found = parse(&behind);
            let walked = walk(&behind, true);
            assert_eq!(found.unwrap_or(walked), walked, "both ways through the parser");
            (found, behind.source)
        }
    }
}

fn ethernet(ether_type: u16, packet: &[u8]) -> Packet {
    let frame = [&[0; 12][..], &ether_type.to_be_bytes(), packet].concat();
    parse(&frame[..]).unwrap()
}

fn sll(hardware: u16, protocol: u16, packet: &[u8]) -> Vec<u8> {
    let address = [&[0, 6, 0x3c, 0xec, 0xef, 1, 2, 3, 0, 0][..], &protocol.to_be_bytes()].concat();
    [&[0, 0], &hardware.to_be_bytes()[..], &address, packet].concat()
}

fn sll2(hardware: u16, protocol: u16, packet: &[u8]) -> Vec<u8> {
    let address = [0, 6, 0x3c, 0xec, 0xef, 1, 2, 3, 0, 0];
    [&protocol.to_be_bytes()[..], &[0, 0, 0, 0, 0, 3], &hardware.to_be_bytes(), &address, packet].concat()
}

#[test]
fn every_link_type_leads_to_the_same_packet() {
    let v6 = ipv6();
    let (four, six) = (ethernet(0x0800, &IPV4), ethernet(0x86dd, &v6));
    let mut cases = Vec::new();
    for link in [12, 14, 101] {
        cases.extend([(link, IPV4.to_vec(), four), (link, v6.clone(), six)]);
    }
    cases.extend([(228, IPV4.to_vec(), four), (229, v6.clone(), six)]);
    for link in [0, 108] {
        for family in [[2, 0, 0, 0], [0, 0, 0, 2]] {
            cases.push((link, [&family[..], &IPV4].concat(), four));
        }
        for family in [24, 28, 30] {
            cases.push((link, [&[family, 0, 0, 0][..], &v6].concat(), six));
            cases.push((link, [&[0, 0, 0, family][..], &v6].concat(), six));
        }
    }
    for (link, bytes, expected) in cases {
        let (found, source) = parsed(link, &bytes);
        assert_eq!((found, source), (Ok(expected), false), "{link} {bytes:02x?}");
    }
}

#[test]
fn cooked_headers_tell_the_sender() {
    let tagged = [&[0, 7, 8, 0][..], &IPV4].concat();
    let snap = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], &IPV4].concat();
    for (link, cooked) in [(113, sll as fn(u16, u16, &[u8]) -> Vec<u8>), (276, sll2)] {
        for (protocol, packet) in [(0x0800, &IPV4[..]), (0x86dd, &ipv6()), (0x8100, &tagged), (4, &snap)] {
            let mut expected = ethernet(if protocol == 4 { 0 } else { protocol }, packet);
            expected.ethernet.source = [0x3c, 0xec, 0xef, 1, 2, 3];
            assert_eq!(
                parsed(link, &cooked(1, protocol, packet)),
                (Ok(expected), true),
                "{link} {protocol:x}"
            );
        }
        // CAN, and hardware whose protocol is no EtherType.
        assert_eq!(parsed(link, &cooked(1, 0x000c, &IPV4)).0, Err(Outcome::NotIp));
        for hardware in [770, 803, 824] {
            assert_eq!(parsed(link, &cooked(hardware, 0x0800, &IPV4)).0, Err(Outcome::NotIp), "{hardware}");
        }
        assert_eq!(parsed(link, &cooked(1, 0x88cc, &[])).0, Err(Outcome::LinkControl));
    }
}

#[test]
fn what_is_cut_is_truncated_and_what_is_no_ip_is_said() {
    for (link, header) in [(0, 4), (108, 4), (101, 0), (113, 16), (228, 0), (229, 0), (276, 20)] {
        let whole = match link {
            0 | 108 => [&[2, 0, 0, 0][..], &IPV4].concat(),
            113 => sll(1, 0x0800, &IPV4),
            276 => sll2(1, 0x0800, &IPV4),
            229 => ipv6(),
            _ => IPV4.to_vec(),
        };
        let fixed = if link == 229 { 40 } else { 20 };
        for length in 0..header + fixed {
            assert_eq!(parsed(link, &whole[..length]).0, Err(Outcome::Truncated), "{link} {length}");
        }
    }
    assert_eq!(parsed(0, &[7, 0, 0, 0, 1, 2, 3]).0, Err(Outcome::NotIp), "OSI");
    assert_eq!(parsed(101, &[0; 40]).0, Err(Outcome::Malformed));
    assert_eq!(parsed(229, &IPV4.repeat(2)).0, Err(Outcome::Malformed));
}

#[test]
fn other_link_types_are_not_known() {
    for link in [2, 9, 105, 127, 239, u16::MAX] {
        assert!(seen(link, &[0; 64]).is_none(), "{link}");
    }
}
