//! One frame a header kind, written out from the standards: what is found, and why less.

extern crate std;

use core::net::{Ipv4Addr, Ipv6Addr};
use std::{string::String, vec, vec::Vec};

use super::{parse, short, walk};
use crate::{
    outcome::Outcome,
    packet::{Addresses, Layer, Packet},
};

/// A frame, header by header.
#[derive(Clone, Default)]
struct Frame(Vec<u8>);

const SOURCE: [u8; 4] = [203, 0, 113, 1];
const DESTINATION: [u8; 4] = [198, 51, 100, 9];

impl Frame {
    fn ethernet(ether_type: u16) -> Self {
        Self::default().bytes(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]).word(ether_type)
    }
    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
    fn word(self, word: u16) -> Self {
        self.bytes(&word.to_be_bytes())
    }
    fn tag(self, vlan: u16, ether_type: u16) -> Self {
        self.word(vlan).word(ether_type)
    }
    fn ipv4(self, protocol: u8) -> Self {
        self.ipv4_from(SOURCE, protocol, 0, &[])
    }
    fn ipv4_from(self, source: [u8; 4], protocol: u8, fragment: u16, options: &[u8]) -> Self {
        let words = 0x45 + (options.len() / 4) as u8;
        self.bytes(&[words, 0, 0, 60, 0, 1])
            .word(fragment)
            .bytes(&[64, protocol, 0, 0])
            .bytes(&source)
            .bytes(&DESTINATION)
            .bytes(options)
    }
    fn ipv6(self, next: u8) -> Self {
        self.ipv6_from("2001:db8::1", next)
    }
    fn ipv6_from(self, source: &str, next: u8) -> Self {
        self.bytes(&[0x60, 0, 0, 0, 0, 40, next, 64]).bytes(&v6(source)).bytes(&v6("2001:db8::2"))
    }
    fn ports(self, source: u16, destination: u16) -> Self {
        self.word(source).word(destination).bytes(&[0, 40, 0, 0])
    }
}

fn v6(text: &str) -> [u8; 16] {
    text.parse::<Ipv6Addr>().unwrap().octets()
}

/// `source[:port] > destination[:port] protocol`, for both layers, then the limit.
fn seen(frame: &Frame) -> String {
    let packet = walk(&frame.0[..], true);
    if let Some(short) = short(&frame.0[..]) {
        assert_eq!(short, packet, "the short way says something else");
    }
    let parsed = parse(&frame.0[..]);
    assert_eq!(parsed.err(), packet.limit().filter(|_| packet.outer().is_none()));
    text(&packet)
}

fn text(packet: &Packet) -> String {
    let layers = [packet.outer(), packet.inner()].into_iter().flatten().map(layer);
    let limit = packet.limit().map(|limit| String::from(limit.name()));
    layers.chain(limit).collect::<Vec<_>>().join(" | ")
}

fn layer(layer: &Layer) -> String {
    let (source, destination): (core::net::IpAddr, core::net::IpAddr) = match layer.addresses().unwrap() {
        Addresses::V4 { source, destination } => {
            (Ipv4Addr::from(source).into(), Ipv4Addr::from(destination).into())
        }
        Addresses::V6 { source, destination } => {
            (Ipv6Addr::from(source).into(), Ipv6Addr::from(destination).into())
        }
    };
    let mut text = std::format!("{source} > {destination} {}", layer.protocol());
    if let Some(ports) = layer.ports() {
        text +=
            &std::format!(" {}>{}", u16::from_be_bytes(ports.source), u16::from_be_bytes(ports.destination));
    }
    if let Some(icmp_type) = layer.icmp_type() {
        text += &std::format!(" type {icmp_type}");
    }
    if let Some(target) = layer.target() {
        text += &std::format!(" target {}", Ipv6Addr::from(target));
    }
    text
}

const V4: &str = "203.0.113.1 > 198.51.100.9";
const V6: &str = "2001:db8::1 > 2001:db8::2";
const INNER: [u8; 4] = [192, 0, 2, 7];
const IN: &str = "192.0.2.7 > 198.51.100.9";

fn udp() -> Frame {
    Frame::ethernet(0x0800).ipv4(17).ports(40_000, 53)
}

/// An outer UDP packet to `port`, then `header`, then an inner IPv4 packet in Ethernet if `bridged`.
fn tunnel(port: u16, header: &[u8], bridged: bool) -> Frame {
    let frame = Frame::ethernet(0x0800).ipv4(17).ports(40_000, port).bytes(header);
    let frame = if bridged { frame.bytes(&[0; 12]).word(0x0800) } else { frame };
    frame.ipv4_from(INNER, 17, 0, &[]).ports(1, 2)
}

#[test]
fn link_layers_lead_to_the_address() {
    let v4 = std::format!("{V4} 17 40000>53");
    let behind = |frame: Frame| frame.ipv4(17).ports(40_000, 53);
    for (name, frame) in [
        ("Ethernet II", udp()),
        ("802.3 with SNAP", behind(Frame::ethernet(60).bytes(&[0xaa, 0xaa, 3, 0, 0, 0]).word(0x0800))),
        ("802.1H", behind(Frame::ethernet(60).bytes(&[0xaa, 0xaa, 3, 0, 0, 0xf8]).word(0x0800))),
        ("LLC with the SAP of IP", behind(Frame::ethernet(60).bytes(&[6, 6, 3]))),
        ("802.1Q", behind(Frame::ethernet(0x8100).tag(100, 0x0800))),
        ("802.1ad, 802.1Q", behind(Frame::ethernet(0x88a8).tag(1, 0x8100).tag(2, 0x0800))),
        ("802.1Q, 802.1ad", behind(Frame::ethernet(0x8100).tag(1, 0x88a8).tag(2, 0x0800))),
        ("three tags", behind(Frame::ethernet(0x9100).tag(1, 0x88a8).tag(2, 0x8100).tag(3, 0x0800))),
        (
            "four tags",
            behind(Frame::ethernet(0x8100).tag(1, 0x8100).tag(2, 0x88a8).tag(3, 0x9100).tag(4, 0x0800)),
        ),
        (
            "a tag, then SNAP",
            behind(Frame::ethernet(0x8100).tag(1, 60).bytes(&[0xaa, 0xaa, 3, 0, 0, 0]).word(0x0800)),
        ),
        ("MPLS", behind(Frame::ethernet(0x8847).bytes(&[0, 1, 0x01, 64]))),
        ("MPLS, two labels", behind(Frame::ethernet(0x8848).bytes(&[0, 1, 0, 64, 0, 2, 0x01, 64]))),
        ("PPPoE", behind(Frame::ethernet(0x8864).bytes(&[0x11, 0, 0, 1, 0, 62]).word(0x0021))),
        ("PPPoE, compressed protocol", behind(Frame::ethernet(0x8864).bytes(&[0x11, 0, 0, 1, 0, 62, 0x21]))),
        ("MACsec, integrity only", behind(Frame::ethernet(0x88e5).bytes(&[0, 0, 0, 0, 0, 1]).word(0x0800))),
        (
            "MACsec with a channel",
            behind(Frame::ethernet(0x88e5).bytes(&[0x20, 0, 0, 0, 0, 1]).bytes(&[0; 8]).word(0x0800)),
        ),
    ] {
        assert_eq!(seen(&frame), v4, "{name}");
    }
}

#[test]
fn tags_are_kept_from_the_outside_in() {
    let frame = Frame::ethernet(0x88a8).tag(10, 0x8100).tag(20, 0x8100).tag(30, 0x0800).ipv4(6).ports(1, 2);
    let tags = walk(&frame.0[..], true).tags;
    assert_eq!((tags.count, tags.tci), (3, [[0, 10], [0, 20], [0, 30], [0, 0]]));
}

#[test]
fn network_layers_give_addresses_and_ports() {
    let arp = |kind: u16| {
        Frame::ethernet(kind)
            .bytes(&[0, 1, 8, 0, 6, 4, 0, 1])
            .bytes(&[2; 6])
            .bytes(&SOURCE)
            .bytes(&[0; 6])
            .bytes(&DESTINATION)
    };
    let options = |next: u8| [next, 0, 1, 4, 0, 0, 0, 0];
    let eight = (0..8).fold(Frame::ethernet(0x86dd).ipv6(60), |frame, index| {
        frame.bytes(&options(if index == 7 { 6 } else { 60 }))
    });
    let v6 = Frame::ethernet(0x86dd);
    for (name, frame, expected) in [
        ("ARP", arp(0x0806), std::format!("{V4} 0")),
        ("RARP", arp(0x8035), std::format!("{V4} 0")),
        ("TCP", Frame::ethernet(0x0800).ipv4(6).ports(1, 2), std::format!("{V4} 6 1>2")),
        ("SCTP", Frame::ethernet(0x0800).ipv4(132).ports(1, 2), std::format!("{V4} 132 1>2")),
        ("ICMP", Frame::ethernet(0x0800).ipv4(1).bytes(&[8, 0, 0, 0]), std::format!("{V4} 1 type 8")),
        ("OSPF", Frame::ethernet(0x0800).ipv4(89).bytes(&[0; 8]), std::format!("{V4} 89")),
        (
            "options",
            Frame::ethernet(0x0800).ipv4_from(SOURCE, 6, 0, &[1; 8]).ports(1, 2),
            std::format!("{V4} 6 1>2"),
        ),
        (
            "first fragment",
            Frame::ethernet(0x0800).ipv4_from(SOURCE, 17, 0x2000, &[]).ports(1, 2),
            std::format!("{V4} 17 1>2"),
        ),
        (
            "later fragment",
            Frame::ethernet(0x0800).ipv4_from(SOURCE, 17, 0x2001, &[]).ports(1, 4789),
            std::format!("{V4} 17"),
        ),
        (
            "last fragment",
            Frame::ethernet(0x0800).ipv4_from(SOURCE, 17, 0x0010, &[]),
            std::format!("{V4} 17"),
        ),
        (
            "AH on IPv4",
            Frame::ethernet(0x0800).ipv4(51).bytes(&[6, 4]).bytes(&[0; 22]).ports(1, 2),
            std::format!("{V4} 6 1>2"),
        ),
        ("IPv6", v6.clone().ipv6(6).ports(1, 2), std::format!("{V6} 6 1>2")),
        ("hop-by-hop", v6.clone().ipv6(0).bytes(&options(17)).ports(1, 2), std::format!("{V6} 17 1>2")),
        ("eight headers", eight.clone().ports(1, 2), std::format!("{V6} 6 1>2")),
        (
            "first fragment, IPv6",
            v6.clone().ipv6(44).bytes(&[6, 0, 0, 1, 0, 0, 0, 9]).ports(1, 2),
            std::format!("{V6} 6 1>2"),
        ),
        (
            "later fragment, IPv6",
            v6.clone().ipv6(44).bytes(&[6, 0, 1, 1, 0, 0, 0, 9]).ports(1, 2),
            std::format!("{V6} 6"),
        ),
        (
            "AH on IPv6",
            v6.clone().ipv6(51).bytes(&[6, 4]).bytes(&[0; 22]).ports(1, 2),
            std::format!("{V6} 6 1>2"),
        ),
        ("no next header", v6.clone().ipv6(59), std::format!("{V6} 59")),
        ("ICMPv6", v6.clone().ipv6(58).bytes(&[128, 0, 0, 0]), std::format!("{V6} 58 type 128")),
        (
            "solicitation",
            v6.clone().ipv6(58).bytes(&[135, 0, 0, 0, 0, 0, 0, 0]).bytes(&self::v6("2001:db8::9")),
            std::format!("{V6} 58 type 135 target 2001:db8::9"),
        ),
        (
            "advertisement",
            v6.ipv6(58).bytes(&[136, 0, 0, 0, 0, 0, 0, 0]).bytes(&self::v6("2001:db8::9")),
            std::format!("{V6} 58 type 136 target 2001:db8::9"),
        ),
    ] {
        assert_eq!(seen(&frame), expected, "{name}");
    }
}

#[test]
fn the_first_tunnel_is_looked_into() {
    let inner = |frame: Frame| frame.ipv4_from(INNER, 17, 0, &[]).ports(1, 2);
    let v4 = |protocol| Frame::ethernet(0x0800).ipv4(protocol);
    let with = |outer: &str| std::format!("{outer} | {IN} 17 1>2");
    let gre = std::format!("{V4} 47");
    for (name, frame, outer) in [
        ("IPIP", inner(v4(4)), std::format!("{V4} 4")),
        ("4in6", inner(Frame::ethernet(0x86dd).ipv6(4)), std::format!("{V6} 4")),
        ("GRE", inner(v4(47).bytes(&[0, 0]).word(0x0800)), gre.clone()),
        (
            "GRE, checksum, key, sequence",
            inner(v4(47).bytes(&[0xb0, 0]).word(0x0800).bytes(&[0; 12])),
            gre.clone(),
        ),
        ("GRE, key", inner(v4(47).bytes(&[0x20, 0]).word(0x0800).bytes(&[0; 4])), gre.clone()),
        (
            "GRE, bridged",
            inner(v4(47).bytes(&[0, 0]).word(0x6558).bytes(&[0; 12]).word(0x8100).tag(1, 0x0800)),
            gre.clone(),
        ),
        (
            "ERSPAN II",
            inner(v4(47).bytes(&[0x10, 0]).word(0x88be).bytes(&[0; 12]).bytes(&[0; 12]).word(0x0800)),
            gre.clone(),
        ),
        ("MPLS in GRE", inner(v4(47).bytes(&[0, 0]).word(0x8847).bytes(&[0, 1, 1, 64])), gre),
        ("MPLS in IP", inner(v4(137).bytes(&[0, 1, 1, 64])), std::format!("{V4} 137")),
        ("EtherIP", inner(v4(97).bytes(&[0x30, 0]).bytes(&[0; 12]).word(0x0800)), std::format!("{V4} 97")),
        (
            "Ethernet in IPv6",
            inner(Frame::ethernet(0x86dd).ipv6(143).bytes(&[0; 12]).word(0x0800)),
            std::format!("{V6} 143"),
        ),
        ("VXLAN", tunnel(4789, &[8, 0, 0, 0, 0, 0, 1, 0], true), std::format!("{V4} 17 40000>4789")),
        ("Geneve", tunnel(6081, &[0, 0, 0x65, 0x58, 0, 0, 1, 0], true), std::format!("{V4} 17 40000>6081")),
        (
            "Geneve with options",
            tunnel(6081, &[2, 0, 0x65, 0x58, 0, 0, 1, 0, 9, 9, 9, 9, 9, 9, 9, 9], true),
            std::format!("{V4} 17 40000>6081"),
        ),
        ("Geneve of IP", tunnel(6081, &[0, 0, 8, 0, 0, 0, 1, 0], false), std::format!("{V4} 17 40000>6081")),
        ("GTP-U", tunnel(2152, &[0x30, 255, 0, 28, 0, 0, 0, 1], false), std::format!("{V4} 17 40000>2152")),
        (
            "GTP-U with a number",
            tunnel(2152, &[0x32, 255, 0, 32, 0, 0, 0, 1, 0, 1, 0, 0], false),
            std::format!("{V4} 17 40000>2152"),
        ),
        (
            "GTP-U with an extension",
            tunnel(2152, &[0x34, 255, 0, 36, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 9, 0], false),
            std::format!("{V4} 17 40000>2152"),
        ),
    ] {
        assert_eq!(seen(&frame), with(&outer), "{name}");
        let shut = walk(&frame.0[..], false);
        assert_eq!(text(&shut), std::format!("{outer} | tunnel_too_deep"), "{name}, --tunnels off");
    }
    let sixin4 = Frame::ethernet(0x0800).ipv4(41).ipv6(6).ports(1, 2);
    assert_eq!(seen(&sixin4), std::format!("{V4} 41 | {V6} 6 1>2"));
    for (name, port, header) in [
        ("no VXLAN", 4789, [0; 8]),
        ("no Geneve", 6081, [0xc0, 0, 0, 0, 0, 0, 0, 0]),
        ("GTP-U echo", 2152, [0x32, 1, 0, 0, 0, 0, 0, 0]),
    ] {
        let expected = std::format!("{V4} 17 40000>{port}");
        assert_eq!(seen(&tunnel(port, &header, true)), expected, "{name}");
    }
}

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
