//! Each tunnel, looked into and shut.

use super::{
    Frame, IN, V4, V6,
    frame::{INNER, tunnel},
    seen, text, walk,
};

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
