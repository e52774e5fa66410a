//! From Ethernet to IP.

use super::{Frame, V4, frame::udp, seen, walk};

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
