//! Tunnels, one level of them: what is inside is judged beside what is outside, and the worse of the two counts.

use checker_common::outcome::Outcome::{
    Alerted, Allowed, Compliant, Dropped, Encrypted, Malformed, NotIp, TooManyTags, Truncated, TunnelTooDeep,
    UnknownHeader,
};
use harness::frame::{DOT1Q, Frame};

use super::{
    Case, ETHERNET, OTHER, OTHER_V6, RESTRICTED, alert, allow, cut, drop, hit, miss, ordinary, ordinary_v6,
    packet, restricted, restricted_v6, udp_with,
};

const IPIP: u8 = 4;
const IPV6: u8 = 41;
const GRE: u8 = 47;
const ESP: u8 = 50;

const VXLAN: u16 = 4789;
const GENEVE: u16 = 6081;
const GTP: u16 = 2152;

/// What a packet of [`restricted`] reads inside.
const INNER: &str = "ONE 203.0.113.0/24 inner";
const INNER_V6: &str = "ONE 2001:db8::/32 inner";

pub(crate) fn cases() -> Vec<Case> {
    [ip(), gre(), vxlan(), geneve(), gtp(), both(), depth()].concat()
}

/// A tunnel of IPv4 whose outer addresses are in no list.
fn carries(protocol: u8, header: &[u8], content: &[u8]) -> Vec<u8> {
    ordinary().protocol(protocol, [header, content].concat()).bytes()
}

fn ip() -> Vec<Case> {
    let (v4, v6) = (packet(restricted()), packet(restricted_v6()));
    let in_v6 = |protocol, content: &[u8]| ordinary_v6().protocol(protocol, content.to_vec()).bytes();
    vec![
        hit(
            "an inner source in IPIP",
            carries(IPIP, &[], &v4),
            "192.0.2.1 > 198.51.100.9 protocol 4 | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            INNER,
        ),
        hit(
            "an inner source in 6in4",
            carries(IPV6, &[], &v6),
            "192.0.2.1 > 198.51.100.9 protocol 41 | [2001:db8::1]:40000 > [3fff::9]:623 protocol 17",
            INNER_V6,
        ),
        hit(
            "an inner source in 4in6",
            in_v6(IPIP, &v4),
            "3fff::1 > 3fff::9 protocol 4 | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            INNER,
        ),
        hit(
            "an inner source in IPv6 in IPv6",
            in_v6(IPV6, &v6),
            "3fff::1 > 3fff::9 protocol 41 | [2001:db8::1]:40000 > [3fff::9]:623 protocol 17",
            INNER_V6,
        ),
        hit(
            "an inner source in MPLS in IP",
            carries(137, &[0, 1, 1, 64], &v4),
            "192.0.2.1 > 198.51.100.9 protocol 137 | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            INNER,
        ),
        hit(
            "an inner source in EtherIP",
            carries(97, &[0x30, 0], &restricted().bytes()),
            "192.0.2.1 > 198.51.100.9 protocol 97 | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            INNER,
        ),
        hit(
            "an inner source in Ethernet in IPv6",
            in_v6(143, &restricted().bytes()),
            "3fff::1 > 3fff::9 protocol 143 | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            INNER,
        ),
        miss(
            "IPIP in which nothing is restricted",
            carries(IPIP, &[], &packet(Frame::between("192.0.2.2", OTHER).udp(1, 2))),
            Compliant,
            "192.0.2.1 > 198.51.100.9 protocol 4 | 192.0.2.2:1 > 198.51.100.9:2 protocol 17",
        ),
        miss(
            "an inner destination is not what ingress looks at",
            carries(IPIP, &[], &packet(Frame::between(OTHER, RESTRICTED).udp(1, 2))),
            Compliant,
            "192.0.2.1 > 198.51.100.9 protocol 4 | 198.51.100.9:1 > 203.0.113.1:2 protocol 17",
        ),
        miss(
            "IPIP around something else than IPv4 is malformed",
            carries(IPIP, &[], &v6),
            Malformed,
            "192.0.2.1 > 198.51.100.9 protocol 4",
        ),
        miss(
            "IPIP that ends in the inner header is truncated",
            cut(ordinary().protocol(IPIP, v4), ETHERNET + 20 + 19),
            Truncated,
            "192.0.2.1 > 198.51.100.9 protocol 4",
        ),
    ]
}

/// RFC 2784 and RFC 2890: each of checksum, key and sequence number makes the header four bytes longer.
fn gre() -> Vec<Case> {
    let reads = "192.0.2.1 > 198.51.100.9 protocol 47 | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17";
    let with = |says, flags: u8, length: usize| {
        let header = [&[flags, 0, 8, 0][..], &vec![0xee; length]].concat();
        hit(says, carries(GRE, &header, &packet(restricted())), reads, INNER)
    };
    let bridged = |frame: &[u8]| carries(GRE, &[0, 0, 0x65, 0x58], frame);
    vec![
        with("an inner source in GRE", 0, 0),
        with("an inner source in GRE with a checksum", 0x80, 4),
        with("an inner source in GRE with a key", 0x20, 4),
        with("an inner source in GRE with a sequence number", 0x10, 4),
        with("an inner source in GRE with checksum and key", 0xa0, 8),
        with("an inner source in GRE with checksum and sequence number", 0x90, 8),
        with("an inner source in GRE with key and sequence number", 0x30, 8),
        with("an inner source in GRE with checksum, key and sequence number", 0xb0, 12),
        hit(
            "an inner IPv6 source in GRE",
            carries(GRE, &[0, 0, 0x86, 0xdd], &packet(restricted_v6())),
            "192.0.2.1 > 198.51.100.9 protocol 47 | [2001:db8::1]:40000 > [3fff::9]:623 protocol 17",
            INNER_V6,
        ),
        hit("an inner source in Ethernet in GRE", bridged(&restricted().bytes()), reads, INNER),
        hit(
            "an inner source behind tags of its own",
            bridged(&restricted().tag(DOT1Q, 7).tag(DOT1Q, 8).bytes()),
            reads,
            INNER,
        ),
        miss(
            "five inner tags are one more than is read",
            bridged(&(1..=5).fold(restricted(), |frame, vlan| frame.tag(DOT1Q, vlan)).bytes()),
            TooManyTags,
            "192.0.2.1 > 198.51.100.9 protocol 47",
        ),
        hit(
            "an inner source in a mirrored frame (ERSPAN II)",
            carries(GRE, &[&[0x10, 0, 0x88, 0xbe][..], &[0; 12]].concat(), &restricted().bytes()),
            reads,
            INNER,
        ),
        miss(
            "GRE that routes by itself is not known",
            carries(GRE, &[0x40, 0, 8, 0], &packet(restricted())),
            UnknownHeader,
            "192.0.2.1 > 198.51.100.9 protocol 47",
        ),
        miss(
            "PPTP is not known",
            carries(GRE, &[0x30, 1, 0x88, 0x0b], &[0; 16]),
            UnknownHeader,
            "192.0.2.1 > 198.51.100.9 protocol 47",
        ),
        miss(
            "GRE around something else than IP is told as such",
            carries(GRE, &[0, 0, 0x81, 0x37], &[0; 46]),
            NotIp,
            "192.0.2.1 > 198.51.100.9 protocol 47",
        ),
        hit(
            "GRE that is not known does not hide the source",
            restricted().protocol(GRE, vec![0x40, 0, 8, 0]).bytes(),
            "203.0.113.1 > 198.51.100.9 protocol 47",
            "ONE 203.0.113.0/24",
        ),
    ]
}

fn vxlan() -> Vec<Case> {
    let reads =
        "192.0.2.1:40000 > 198.51.100.9:4789 protocol 17 | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17";
    let with = |flags: u8, frame: &[u8]| udp_with(VXLAN, &[&[flags, 0, 0, 0, 0, 0, 1, 0], frame].concat());
    vec![
        hit("an inner source in VXLAN", with(8, &restricted().bytes()).bytes(), reads, INNER),
        hit(
            "an inner source in VXLAN behind a tag inside and one outside",
            with(8, &restricted().tag(DOT1Q, 7).bytes()).tag(DOT1Q, 100).bytes(),
            "192.0.2.1:40000 > 198.51.100.9:4789 protocol 17 vlan 100 \
             | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            INNER,
        ),
        hit(
            "an inner IPv6 source in VXLAN",
            with(8, &restricted_v6().bytes()).bytes(),
            "192.0.2.1:40000 > 198.51.100.9:4789 protocol 17 | [2001:db8::1]:40000 > [3fff::9]:623 protocol 17",
            INNER_V6,
        ),
        miss(
            "on the port of VXLAN without its flag stands something else",
            with(0, &restricted().bytes()).bytes(),
            Compliant,
            "192.0.2.1:40000 > 198.51.100.9:4789 protocol 17",
        ),
        miss(
            "VXLAN that is cut off is truncated",
            udp_with(VXLAN, &[8, 0, 0, 0]).bytes(),
            Truncated,
            "192.0.2.1:40000 > 198.51.100.9:4789 protocol 17",
        ),
        miss(
            "UDP that ends before it could name a tunnel is truncated",
            cut(ordinary().udp(40_000, VXLAN), ETHERNET + 20 + 3),
            Truncated,
            "192.0.2.1 > 198.51.100.9 protocol 17",
        ),
    ]
}

/// RFC 8926: options in words of four bytes.
fn geneve() -> Vec<Case> {
    let reads =
        "192.0.2.1:40000 > 198.51.100.9:6081 protocol 17 | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17";
    let with = |words: u8, kind: [u8; 2], content: &[u8]| {
        let header =
            [&[words, 0, kind[0], kind[1], 0, 0, 1, 0][..], &vec![0xee; 4 * usize::from(words)]].concat();
        udp_with(GENEVE, &[&header, content].concat()).bytes()
    };
    let (bridged, ipv4) = ([0x65, 0x58], [8, 0]);
    vec![
        hit("an inner source in Geneve", with(0, bridged, &restricted().bytes()), reads, INNER),
        hit("an inner source in Geneve with options", with(3, bridged, &restricted().bytes()), reads, INNER),
        hit(
            "an inner source in Geneve with as many options as there can be",
            with(63, bridged, &restricted().bytes()),
            reads,
            INNER,
        ),
        hit("an inner source in Geneve without Ethernet", with(1, ipv4, &packet(restricted())), reads, INNER),
        miss(
            "Geneve around no EtherType is not known",
            with(0, [0, 1], &[0; 40]),
            UnknownHeader,
            "192.0.2.1:40000 > 198.51.100.9:6081 protocol 17",
        ),
    ]
}

/// 3GPP TS 29.281: eight bytes, four more if any of three flags is set, extension headers if one of them is.
fn gtp() -> Vec<Case> {
    let outer = "192.0.2.1:40000 > 198.51.100.9:2152 protocol 17";
    let reads =
        "192.0.2.1:40000 > 198.51.100.9:2152 protocol 17 | 203.0.113.1:40000 > 198.51.100.9:623 protocol 17";
    let with = |flags: u8, kind: u8, behind: &[u8], content: &[u8]| {
        udp_with(GTP, &[&[flags, kind, 0, 28, 0, 0, 0, 1], behind, content].concat()).bytes()
    };
    let user =
        |says, flags, behind: &[u8]| hit(says, with(flags, 255, behind, &packet(restricted())), reads, INNER);
    vec![
        user("an inner source in GTP-U", 0x30, &[]),
        user("an inner source in GTP-U with a sequence number", 0x32, &[0, 7, 0, 0]),
        user("an inner source in GTP-U with an N-PDU number", 0x31, &[0, 0, 7, 0]),
        user("an inner source in GTP-U with an extension header", 0x34, &[0, 0, 0, 0x85, 1, 0, 9, 0]),
        user(
            "an inner source in GTP-U with two extension headers and all flags",
            0x37,
            &[0, 7, 7, 0x85, 1, 0, 9, 0xc0, 2, 0, 0, 0, 0, 0, 0, 0],
        ),
        user("an inner source in GTP-U whose extension flag announces none", 0x34, &[0, 0, 0, 0]),
        hit(
            "an inner IPv6 source in GTP-U",
            with(0x30, 255, &[], &packet(restricted_v6())),
            "192.0.2.1:40000 > 198.51.100.9:2152 protocol 17 | [2001:db8::1]:40000 > [3fff::9]:623 protocol 17",
            INNER_V6,
        ),
        miss("a GTP-U echo carries no packet", with(0x32, 1, &[0, 7, 0, 0], &[]), Compliant, outer),
        miss(
            "an extension header of GTP-U without a length is malformed",
            with(0x34, 255, &[0, 0, 0, 0x85, 0, 0, 0, 0], &[]),
            Malformed,
            outer,
        ),
        miss(
            "GTP-U around something else than IP is not known",
            with(0x30, 255, &[], &[0; 40]),
            UnknownHeader,
            outer,
        ),
    ]
}

/// Outer and inner hit; the worse wins, and the outer one of equals.
fn both() -> Vec<Case> {
    let reads = "203.0.113.1 > 198.51.100.9 protocol 4 | 192.0.2.1:1 > 198.51.100.9:2 protocol 17";
    let frame = || {
        let inner = packet(Frame::between("192.0.2.1", OTHER).udp(1, 2));
        Frame::between(RESTRICTED, OTHER).protocol(IPIP, inner).bytes()
    };
    let (outer, inner) = ("203.0.113.0/24\n", "192.0.2.0/24\n");
    let case = |says, meets| hit(says, frame(), reads, meets);
    vec![
        case("an outer source around an inner one in no list", "ONE 203.0.113.0/24"),
        case("of an outer and an inner alert the outer one is told", "ONE 203.0.113.0/24")
            .lists(&[alert("ONE", outer), alert("TWO", inner)]),
        case("an inner drop beats an outer alert", "TWO 192.0.2.0/24 inner")
            .lists(&[alert("ONE", outer), drop("TWO", inner)])
            .outcome(Dropped),
        case("an outer drop beats an inner alert", "ONE 203.0.113.0/24")
            .lists(&[drop("ONE", outer), alert("TWO", inner)])
            .outcome(Dropped),
        case("an outer exception does not hide an inner alert", "TWO 192.0.2.0/24 inner")
            .lists(&[allow("LAB", outer), alert("TWO", inner)])
            .outcome(Alerted),
        case("an inner exception does not hide an outer alert", "ONE 203.0.113.0/24")
            .lists(&[alert("ONE", outer), allow("LAB", inner)]),
        case("an exception outside and nothing inside", "LAB 203.0.113.0/24")
            .lists(&[allow("LAB", outer)])
            .outcome(Allowed),
        hit(
            "an exception outside, and inside what cannot be seen, is not judged to its end",
            restricted().protocol(ESP, vec![0; 24]).bytes(),
            "203.0.113.1 > 198.51.100.9 protocol 50",
            "LAB 203.0.113.0/24",
        )
        .lists(&[allow("LAB", outer)])
        .outcome(Encrypted),
    ]
}

/// A tunnel in a tunnel.
fn depth() -> Vec<Case> {
    let inner = |content: Vec<u8>| packet(Frame::between("192.0.2.2", OTHER).protocol(IPIP, content));
    let reads = "192.0.2.1 > 198.51.100.9 protocol 4 | 192.0.2.2 > 198.51.100.9 protocol 4";
    vec![
        miss(
            "a source two tunnels deep is not found, and that is told",
            carries(IPIP, &[], &inner(packet(restricted()))),
            TunnelTooDeep,
            reads,
        ),
        hit(
            "an inner source is found although there is a tunnel inside",
            carries(IPIP, &[], &packet(restricted().protocol(IPIP, packet(ordinary())))),
            "192.0.2.1 > 198.51.100.9 protocol 4 | 203.0.113.1 > 198.51.100.9 protocol 4",
            INNER,
        ),
        hit(
            "an outer source is found although there are two tunnels inside",
            restricted().protocol(IPIP, inner(packet(ordinary()))).bytes(),
            "203.0.113.1 > 198.51.100.9 protocol 4 | 192.0.2.2 > 198.51.100.9 protocol 4",
            "ONE 203.0.113.0/24",
        ),
        miss(
            "VXLAN in GRE is a tunnel in a tunnel",
            carries(
                GRE,
                &[0, 0, 8, 0],
                &packet(udp_with(VXLAN, &[&[8, 0, 0, 0, 0, 0, 1, 0], &restricted().bytes()[..]].concat())),
            ),
            TunnelTooDeep,
            "192.0.2.1 > 198.51.100.9 protocol 47 | 192.0.2.1:40000 > 198.51.100.9:4789 protocol 17",
        ),
        hit(
            "an IPv4 address carried in an inner IPv6 one",
            carries(IPV6, &[], &packet(Frame::between("2002:cb00:7101::1", OTHER_V6).udp(1, 2))),
            "192.0.2.1 > 198.51.100.9 protocol 41 | [2002:cb00:7101::1]:1 > [3fff::9]:2 protocol 17",
            "ONE 203.0.113.0/24 inner via 6to4",
        ),
        miss(
            "inner ESP hides what it carries",
            carries(IPIP, &[], &packet(Frame::between("192.0.2.2", OTHER).protocol(ESP, vec![0; 24]))),
            Encrypted,
            "192.0.2.1 > 198.51.100.9 protocol 4 | 192.0.2.2 > 198.51.100.9 protocol 50",
        ),
    ]
}
