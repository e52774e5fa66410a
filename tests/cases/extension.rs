//! IPv6 extension headers, and the authentication header that IPv4 has too: all of them are followed, and what cannot
//! be is told.

use checker_common::outcome::Outcome::{Compliant, Encrypted, HeaderChainTooLong, Truncated, UnknownHeader};

use super::{Case, ETHERNET, cut, hit, miss, ordinary, ordinary_v6, packet, restricted, restricted_v6};

const TCP: u8 = 6;
const UDP: u8 = 17;
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const ESP: u8 = 50;
const AUTHENTICATION: u8 = 51;
const OPTIONS: u8 = 60;

/// Ports 40000 and 623, and the rest of UDP.
const PORTS: [u8; 8] = [0x9c, 0x40, 0x02, 0x6f, 0, 8, 0, 0];

const READS: &str = "[2001:db8::1]:40000 > [3fff::9]:623 protocol 17";
const V6: &str = "ONE 2001:db8::/32";

pub(crate) fn cases() -> Vec<Case> {
    [each(), chains(), fragments(), ends()].concat()
}

/// An extension header of eight bytes.
fn header(next: u8) -> Vec<u8> {
    vec![next, 0, 1, 4, 0, 0, 0, 0]
}

/// A fragment header: `offset` in units of eight bytes.
fn fragment(next: u8, offset: u16, more: bool) -> Vec<u8> {
    let [high, low] = (offset << 3 | u16::from(more)).to_be_bytes();
    vec![next, 0, high, low, 0, 0, 0, 7]
}

/// An authentication header (RFC 4302) with twelve bytes of check value: its length is in words of four, less two.
fn authentication(next: u8) -> Vec<u8> {
    [vec![next, 4], vec![0; 22]].concat()
}

/// A packet from a restricted source whose headers are these; the first of them is of the kind `first`.
fn with(first: u8, headers: &[Vec<u8>]) -> Vec<u8> {
    restricted_v6().protocol(first, headers.concat()).bytes()
}

fn each() -> Vec<Case> {
    let behind = |says, number| hit(says, with(number, &[header(UDP), PORTS.to_vec()]), READS, V6);
    vec![
        behind("UDP behind hop-by-hop options", HOP_BY_HOP),
        behind("UDP behind a routing header", ROUTING),
        behind("UDP behind destination options", OPTIONS),
        behind("UDP behind a mobility header", 135),
        behind("UDP behind the host identity protocol", 139),
        behind("UDP behind shim6", 140),
        hit(
            "UDP behind an authentication header",
            with(AUTHENTICATION, &[authentication(UDP), PORTS.to_vec()]),
            READS,
            V6,
        ),
        hit(
            "UDP behind an authentication header of IPv4",
            restricted().protocol(AUTHENTICATION, [authentication(UDP), PORTS.to_vec()].concat()).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17",
            "ONE 203.0.113.0/24",
        ),
        hit(
            "UDP behind the longest options there can be",
            with(OPTIONS, &[[vec![UDP, 255], vec![0; 2046]].concat(), PORTS.to_vec()]),
            READS,
            V6,
        ),
    ]
}

fn chains() -> Vec<Case> {
    // So many headers of destination options in front of UDP.
    let chain = |count: usize| {
        let mut headers = vec![header(OPTIONS); count - 1];
        headers.extend([header(UDP), PORTS.to_vec()]);
        headers
    };
    let every = [
        header(OPTIONS),
        header(ROUTING),
        header(AUTHENTICATION),
        authentication(FRAGMENT),
        fragment(OPTIONS, 0, true),
        header(135),
        header(139),
        header(UDP),
        PORTS.to_vec(),
    ];
    // Two times 2 KiB: what is behind them stands in no linear part of a page.
    let far = [
        [vec![OPTIONS, 255], vec![0; 2046]].concat(),
        [vec![41, 255], vec![0; 2046]].concat(),
        packet(restricted_v6()),
    ];
    vec![
        hit("UDP behind eight extension headers", with(OPTIONS, &chain(8)), READS, V6),
        hit("UDP behind eight extension headers of all kinds", with(HOP_BY_HOP, &every), READS, V6),
        hit(
            "nine extension headers are one more than is followed, and the source is judged",
            with(OPTIONS, &chain(9)),
            "2001:db8::1 > 3fff::9 protocol 60",
            V6,
        ),
        miss(
            "nine extension headers of another source are not judged to their end",
            ordinary_v6().protocol(OPTIONS, chain(9).concat()).bytes(),
            HeaderChainTooLong,
            "3fff::1 > 3fff::9 protocol 60",
        ),
        hit(
            "an inner source is found behind four KiB of options, where no driver puts headers",
            ordinary_v6().protocol(OPTIONS, far.concat()).bytes(),
            "3fff::1 > 3fff::9 protocol 41 | [2001:db8::1]:40000 > [3fff::9]:623 protocol 17",
            "ONE 2001:db8::/32 inner",
        ),
    ]
}

fn fragments() -> Vec<Case> {
    let later = |count: usize| with(FRAGMENT, &[fragment(UDP, 1, false), vec![0xff; count]]);
    vec![
        hit(
            "UDP in the first IPv6 fragment",
            with(FRAGMENT, &[fragment(UDP, 0, true), PORTS.to_vec()]),
            READS,
            V6,
        ),
        hit("a later IPv6 fragment has no ports", later(16), "2001:db8::1 > 3fff::9 protocol 17", V6),
        hit(
            "a later IPv6 fragment without any data is judged",
            later(0),
            "2001:db8::1 > 3fff::9 protocol 17",
            V6,
        ),
        miss(
            "a later IPv6 fragment of another source is compliant, however short",
            ordinary_v6().protocol(FRAGMENT, [fragment(UDP, 1, false), vec![1]].concat()).bytes(),
            Compliant,
            "3fff::1 > 3fff::9 protocol 17",
        ),
        hit(
            "an authentication header in the first fragment",
            with(FRAGMENT, &[fragment(AUTHENTICATION, 0, true), authentication(UDP), PORTS.to_vec()]),
            READS,
            V6,
        ),
        hit(
            "an authentication header in a later fragment is data",
            with(FRAGMENT, &[fragment(AUTHENTICATION, 4, false), vec![0xff; 16]]),
            "2001:db8::1 > 3fff::9 protocol 51",
            V6,
        ),
        hit(
            "a fragment that is whole (RFC 6946) has its ports",
            with(FRAGMENT, &[fragment(UDP, 0, false), PORTS.to_vec()]),
            READS,
            V6,
        ),
    ]
}

fn ends() -> Vec<Case> {
    vec![
        miss(
            "ESP hides what it carries",
            ordinary().protocol(ESP, vec![0; 24]).bytes(),
            Encrypted,
            "192.0.2.1 > 198.51.100.9 protocol 50",
        ),
        miss(
            "ESP in IPv6 hides what it carries",
            ordinary_v6().protocol(ESP, vec![0; 24]).bytes(),
            Encrypted,
            "3fff::1 > 3fff::9 protocol 50",
        ),
        hit(
            "ESP does not hide its own source",
            with(ESP, &[vec![0; 24]]),
            "2001:db8::1 > 3fff::9 protocol 50",
            V6,
        ),
        miss(
            "ESP behind an authentication header hides what it carries",
            ordinary_v6().protocol(AUTHENTICATION, [authentication(ESP), vec![0; 24]].concat()).bytes(),
            Encrypted,
            "3fff::1 > 3fff::9 protocol 50",
        ),
        hit(
            "no next header is the end, and the source is judged",
            with(59, &[]),
            "2001:db8::1 > 3fff::9 protocol 59",
            V6,
        ),
        miss(
            "no next header of another source is compliant",
            ordinary_v6().protocol(59, vec![]).bytes(),
            Compliant,
            "3fff::1 > 3fff::9 protocol 59",
        ),
        miss(
            "an extension header that nobody knows",
            ordinary_v6().protocol(253, vec![0; 8]).bytes(),
            UnknownHeader,
            "3fff::1 > 3fff::9 protocol 253",
        ),
        hit(
            "an extension header that nobody knows does not hide the source",
            with(253, &[vec![0; 8]]),
            "2001:db8::1 > 3fff::9 protocol 253",
            V6,
        ),
        miss(
            "compressed packets are not known",
            ordinary().protocol(108, vec![0; 8]).bytes(),
            UnknownHeader,
            "192.0.2.1 > 198.51.100.9 protocol 108",
        ),
        miss(
            "an extension header that is cut off is truncated",
            cut(ordinary_v6().protocol(HOP_BY_HOP, header(TCP)), ETHERNET + 40 + 4),
            Truncated,
            "3fff::1 > 3fff::9 protocol 0",
        ),
        miss(
            "an extension header that is longer than the packet hides nothing but ports",
            ordinary_v6().protocol(OPTIONS, vec![TCP, 9, 1, 4, 0, 0, 0, 0]).bytes(),
            Compliant,
            "3fff::1 > 3fff::9 protocol 6",
        ),
        hit(
            "an extension header that is cut off does not hide the source",
            cut(restricted_v6().protocol(HOP_BY_HOP, header(TCP)), ETHERNET + 40 + 4),
            "2001:db8::1 > 3fff::9 protocol 0",
            V6,
        ),
    ]
}
