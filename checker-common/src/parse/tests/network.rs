//! IPv4, IPv6, ARP and what stands first behind them.

use super::{
    Frame, V4, V6,
    frame::{DESTINATION, SOURCE, v6},
    seen,
};

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
        ("ICMP", Frame::ethernet(0x0800).ipv4(1).bytes(&[3, 13, 0, 0]), std::format!("{V4} 1 type 3/13")),
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
        ("ICMPv6", v6.clone().ipv6(58).bytes(&[128, 0, 0, 0]), std::format!("{V6} 58 type 128/0")),
        (
            "solicitation",
            v6.clone().ipv6(58).bytes(&[135, 0, 0, 0, 0, 0, 0, 0]).bytes(&self::v6("2001:db8::9")),
            std::format!("{V6} 58 type 135/0 target 2001:db8::9"),
        ),
        (
            "advertisement",
            v6.ipv6(58).bytes(&[136, 0, 0, 0, 0, 0, 0, 0]).bytes(&self::v6("2001:db8::9")),
            std::format!("{V6} 58 type 136/0 target 2001:db8::9"),
        ),
    ] {
        assert_eq!(seen(&frame), expected, "{name}");
    }
}
