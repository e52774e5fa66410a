//! What keeps a frame from being seen to its end.

use std::{string::String, vec, vec::Vec};

use super::{
    Frame, IN, V4, V6,
    frame::{INNER, udp},
    parse, seen,
};
use crate::outcome::Outcome;

#[test]
fn what_is_not_seen_has_a_reason() {
    let mpls = (0..9).fold(Frame::ethernet(0x8847), |frame, _| frame.bytes(&[0, 1, 0, 64]));
    let nine =
        (0..9).fold(Frame::ethernet(0x86dd).ipv6(60), |frame, _| frame.bytes(&[60, 0, 1, 4, 0, 0, 0, 0]));
    let five = (0..5).fold(Frame::ethernet(0x8100), |frame, tag| frame.tag(tag, 0x8100));
    let v4 = |protocol| Frame::ethernet(0x0800).ipv4(protocol);
    let cases: Vec<(&str, Frame, String)> = vec![
        ("nothing", Frame::default(), "truncated".into()),
        ("LLDP", Frame::ethernet(0x88cc).bytes(&[0; 46]), "link_control".into()),
        ("spanning tree", Frame::ethernet(38).bytes(&[0x42, 0x42, 3]).bytes(&[0; 43]), "link_control".into()),
        ("CDP", Frame::ethernet(60).bytes(&[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0]), "link_control".into()),
        ("EAPOL", Frame::ethernet(0x888e).bytes(&[0; 46]), "link_control".into()),
        ("PPPoE discovery", Frame::ethernet(0x8863).bytes(&[0; 46]), "link_control".into()),
        ("PPP LCP", Frame::ethernet(0x8864).bytes(&[0x11, 0, 0, 1, 0, 4, 0xc0, 0x21]), "link_control".into()),
        ("FCoE", Frame::ethernet(0x8906).bytes(&[0; 46]), "storage".into()),
        ("RoCE", Frame::ethernet(0x8915).bytes(&[0; 46]), "storage".into()),
        ("IPX", Frame::ethernet(0x8137).bytes(&[0; 46]), "not_ip".into()),
        ("a length in SNAP", Frame::ethernet(60).bytes(&[0xaa, 0xaa, 3, 0, 0, 0, 0, 60]), "not_ip".into()),
        ("MACsec", Frame::ethernet(0x88e5).bytes(&[0x0c, 0, 0, 0, 0, 1, 9, 9]), "encrypted".into()),
        ("ESP", v4(50).bytes(&[0; 20]), std::format!("{V4} 50 | encrypted")),
        (
            "ESP in IPv6",
            Frame::ethernet(0x86dd).ipv6(50).bytes(&[0; 20]),
            std::format!("{V6} 50 | encrypted"),
        ),
        ("five tags", five, "too_many_tags".into()),
        ("nine labels", mpls, "header_chain_too_long".into()),
        ("nine headers", nine, std::format!("{V6} 60 | header_chain_too_long")),
        (
            "an unknown header",
            Frame::ethernet(0x86dd).ipv6(253).bytes(&[0; 8]),
            std::format!("{V6} 253 | unknown_header"),
        ),
        ("compressed", v4(108).bytes(&[0; 8]), std::format!("{V4} 108 | unknown_header")),
        (
            "PPTP",
            v4(47).bytes(&[0x20, 0x01, 0x88, 0x0b]).bytes(&[0; 8]),
            std::format!("{V4} 47 | unknown_header"),
        ),
        (
            "MPLS of Ethernet",
            Frame::ethernet(0x8847).bytes(&[0, 1, 1, 64]).bytes(&[0; 20]),
            "unknown_header".into(),
        ),
        ("cut in IPv4", Frame(udp().0[..33].to_vec()), "truncated".into()),
        ("cut in UDP", Frame(udp().0[..36].to_vec()), std::format!("{V4} 17 | truncated")),
        ("cut in TCP", Frame(v4(6).ports(1, 2).0[..36].to_vec()), std::format!("{V4} 6")),
        (
            "cut in an extension",
            Frame::ethernet(0x86dd).ipv6(0).bytes(&[6, 0]),
            std::format!("{V6} 0 | truncated"),
        ),
        ("version 5", Frame::ethernet(0x0800).bytes(&[0x55]).bytes(&[0; 40]), "malformed".into()),
        ("four words", Frame::ethernet(0x0800).bytes(&[0x44]).bytes(&[0; 40]), "malformed".into()),
        ("IPv4 as IPv6", Frame::ethernet(0x86dd).bytes(&[0x45]).bytes(&[0; 60]), "malformed".into()),
        ("a tunnel of junk", v4(4).bytes(&[0; 20]), std::format!("{V4} 4 | malformed")),
        (
            "a tunnel in a tunnel",
            v4(4).ipv4_from(INNER, 4, 0, &[]).ipv4(6).ports(1, 2),
            std::format!("{V4} 4 | {IN} 4 | tunnel_too_deep"),
        ),
        (
            "VXLAN in GRE",
            v4(47)
                .bytes(&[0, 0])
                .word(0x0800)
                .ipv4_from(INNER, 17, 0, &[])
                .ports(1, 4789)
                .bytes(&[8, 0, 0, 0, 0, 0, 1, 0]),
            std::format!("{V4} 47 | {IN} 17 1>4789 | tunnel_too_deep"),
        ),
    ];
    for (name, frame, expected) in cases {
        assert_eq!(seen(&frame), expected, "{name}");
    }
    assert_eq!(parse(&Frame::ethernet(0x88cc).0[..]).err(), Some(Outcome::LinkControl));
}
