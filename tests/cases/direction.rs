//! The other directions: destinations of what goes out, and both sides on a mirror port.

use checker_common::outcome::Outcome::{
    Alerted, Allowed, Compliant, Dropped, Encrypted, LinkControl, TooManyTags, TunnelTooDeep,
};
use harness::frame::{DOT1AD, DOT1Q, Frame};

use super::{
    Case,
    Look::{Mirror, Outgoing},
    OTHER, OTHER_V6, RESTRICTED, RESTRICTED_V6, alert, allow, arp_between, drop, hit, miss, packet,
};

/// A list with nothing in it but IPv4.
const DESTINATION: &str = "ONE 203.0.113.0/24 at dst";
const DESTINATION_V6: &str = "ONE 2001:db8::/32 at dst";

pub(crate) fn cases() -> Vec<Case> {
    let outgoing = outgoing().into_iter().map(|case| case.look(Outgoing));
    let mirror = mirror().into_iter().map(|case| case.look(Mirror));
    outgoing.chain(mirror).collect()
}

fn to(destination: &str) -> Frame {
    let source = if destination.contains(':') { OTHER_V6 } else { OTHER };
    Frame::between(source, destination).tcp(50_000, 443)
}

fn outgoing() -> Vec<Case> {
    let reads = "198.51.100.9:50000 > 203.0.113.1:443 protocol 6";
    let inside = packet(to(RESTRICTED));
    vec![
        hit("what goes out to a restricted destination", to(RESTRICTED).bytes(), reads, DESTINATION),
        hit(
            "what goes out to a restricted IPv6 destination",
            to(RESTRICTED_V6).bytes(),
            "[3fff::9]:50000 > [2001:db8::1]:443 protocol 6",
            DESTINATION_V6,
        ),
        hit(
            "what goes out to a list that drops is dropped",
            to(RESTRICTED).bytes(),
            reads,
            "TWO 203.0.113.0/24 at dst",
        )
        .lists(&[drop("TWO", "203.0.113.0/24\n")])
        .outcome(Dropped),
        hit("what goes out to an exception", to(RESTRICTED).bytes(), reads, "LAB 203.0.113.0/24 at dst")
            .lists(&[allow("LAB", "203.0.113.0/24\n")])
            .outcome(Allowed),
        miss(
            "what goes out from a restricted source to another destination",
            Frame::between(RESTRICTED, OTHER).tcp(1, 2).bytes(),
            Compliant,
            "203.0.113.1:1 > 198.51.100.9:2 protocol 6",
        ),
        hit(
            "what goes out behind two tags",
            to(RESTRICTED).tag(DOT1AD, 100).tag(DOT1Q, 200).bytes(),
            "198.51.100.9:50000 > 203.0.113.1:443 protocol 6 vlan 100 200",
            DESTINATION,
        ),
        hit(
            "what goes out behind four tags",
            (1..=4).fold(to(RESTRICTED), |frame, vlan| frame.tag(DOT1Q, vlan)).bytes(),
            "198.51.100.9:50000 > 203.0.113.1:443 protocol 6 vlan 1 2 3 4",
            DESTINATION,
        ),
        miss(
            "what goes out behind five tags",
            (1..=5).fold(to(RESTRICTED), |frame, vlan| frame.tag(DOT1Q, vlan)).bytes(),
            TooManyTags,
            "",
        ),
        hit(
            "a fragment on its way out",
            to(RESTRICTED).fragment(185, true).bytes(),
            "198.51.100.9 > 203.0.113.1 protocol 6",
            DESTINATION,
        ),
        hit(
            "what goes out to an IPv4 address that is carried in an IPv6 one",
            to("64:ff9b::203.0.113.1").bytes(),
            "[3fff::9]:50000 > [64:ff9b::cb00:7101]:443 protocol 6",
            "ONE 203.0.113.0/24 at dst via nat64",
        ),
        hit(
            "an inner destination on its way out",
            Frame::between(OTHER, "192.0.2.1").protocol(4, inside.clone()).bytes(),
            "198.51.100.9 > 192.0.2.1 protocol 4 | 198.51.100.9:50000 > 203.0.113.1:443 protocol 6",
            "ONE 203.0.113.0/24 at dst inner",
        ),
        miss(
            "two tunnels on their way out",
            Frame::between(OTHER, "192.0.2.1")
                .protocol(4, packet(Frame::between(OTHER, "192.0.2.2").protocol(4, inside)))
                .bytes(),
            TunnelTooDeep,
            "198.51.100.9 > 192.0.2.1 protocol 4 | 198.51.100.9 > 192.0.2.2 protocol 4",
        ),
        hit(
            "whom ARP asks for on its way out",
            arp_between(1, [198, 51, 100, 9], [203, 0, 113, 1]).bytes(),
            "198.51.100.9 > 203.0.113.1 ARP",
            DESTINATION,
        ),
        miss(
            "ESP on its way out to another destination",
            Frame::between(RESTRICTED, OTHER).protocol(50, vec![0; 24]).bytes(),
            Encrypted,
            "203.0.113.1 > 198.51.100.9 protocol 50",
        ),
        miss("LLDP on its way out", Frame::other(0x88cc, vec![0; 46]).bytes(), LinkControl, ""),
    ]
}

fn mirror() -> Vec<Case> {
    let between = |source, destination| Frame::between(source, destination).tcp(1, 2).bytes();
    let reads = "203.0.113.1:1 > 192.0.2.1:2 protocol 6";
    let (near, far) = ("203.0.113.0/24\n", "192.0.2.0/24\n");
    vec![
        hit(
            "a mirrored source",
            between(RESTRICTED, OTHER),
            "203.0.113.1:1 > 198.51.100.9:2 protocol 6",
            "ONE 203.0.113.0/24",
        ),
        hit(
            "a mirrored destination",
            between(OTHER, RESTRICTED),
            "198.51.100.9:1 > 203.0.113.1:2 protocol 6",
            DESTINATION,
        ),
        hit(
            "a mirrored IPv6 destination",
            between(OTHER_V6, RESTRICTED_V6),
            "[3fff::9]:1 > [2001:db8::1]:2 protocol 6",
            DESTINATION_V6,
        ),
        hit(
            "of two mirrored sides the source is told",
            between(RESTRICTED, "192.0.2.1"),
            reads,
            "ONE 203.0.113.0/24",
        )
        .lists(&[alert("ONE", near), alert("TWO", far)]),
        hit(
            "of two mirrored sides the graver one is told",
            between(RESTRICTED, "192.0.2.1"),
            reads,
            "TWO 192.0.2.0/24 at dst",
        )
        .lists(&[alert("ONE", near), drop("TWO", far)])
        .outcome(Dropped),
        hit(
            "a mirrored exception does not hide the other side",
            between(RESTRICTED, "192.0.2.1"),
            reads,
            "TWO 192.0.2.0/24 at dst",
        )
        .lists(&[allow("LAB", near), alert("TWO", far)])
        .outcome(Alerted),
        miss(
            "a mirrored packet between others",
            between("192.0.2.1", OTHER),
            Compliant,
            "192.0.2.1:1 > 198.51.100.9:2 protocol 6",
        ),
        hit(
            "whom a mirrored ARP asks for",
            arp_between(1, [198, 51, 100, 9], [203, 0, 113, 1]).bytes(),
            "198.51.100.9 > 203.0.113.1 ARP",
            DESTINATION,
        ),
        hit(
            "a mirrored inner destination",
            Frame::between("192.0.2.1", OTHER).protocol(4, packet(to(RESTRICTED))).bytes(),
            "192.0.2.1 > 198.51.100.9 protocol 4 | 198.51.100.9:50000 > 203.0.113.1:443 protocol 6",
            "ONE 203.0.113.0/24 at dst inner",
        ),
    ]
}
