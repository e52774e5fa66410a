//! IPv4 addresses inside IPv6 ones: a list of IPv4 ranges is not escaped by writing the address differently
//! (cilium/tetragon#5654, `jtdowney/private_address_check#12`).

use checker_common::outcome::Outcome::{Allowed, Compliant, Dropped};
use harness::{frame::Frame, lists::List};

use super::{Case, Look::Nat64, OTHER_V6, alert, allow, drop, hit, miss};

/// An IPv4 list alone, so that nothing else can match.
const V4: List = alert("ONE", "203.0.113.0/24\n");

pub(crate) fn cases() -> Vec<Case> {
    [forms(), teredo(), prefixes(), beside()].concat()
}

fn from(source: &str) -> Vec<u8> {
    Frame::between(source, OTHER_V6).bytes()
}

fn carried(says: &'static str, source: &str, reads: &'static str, meets: &'static str) -> Case {
    hit(says, from(source), reads, meets).lists(&[V4])
}

fn not_carried(says: &'static str, source: &str, reads: &'static str) -> Case {
    miss(says, from(source), Compliant, reads).lists(&[V4])
}

fn forms() -> Vec<Case> {
    let mapped = "[::ffff:203.0.113.1]:40000 > [3fff::9]:9 protocol 17";
    let via_mapped = "ONE 203.0.113.0/24 via mapped";
    vec![
        carried("an IPv4-mapped source meets IPv4 ranges", "::ffff:203.0.113.1", mapped, via_mapped),
        carried(
            "an IPv4-mapped source is dropped by an IPv4 range that drops",
            "::ffff:203.0.113.1",
            mapped,
            via_mapped,
        )
        .lists(&[drop("ONE", "203.0.113.0/24\n")])
        .outcome(Dropped),
        carried(
            "an IPv4-mapped source is an exception where its IPv4 address is one",
            "::ffff:203.0.113.1",
            mapped,
            "LAB 203.0.113.0/25 via mapped",
        )
        .lists(&[V4, allow("LAB", "203.0.113.0/25\n")])
        .outcome(Allowed),
        not_carried(
            "an IPv4-mapped source beside the range is compliant",
            "::ffff:203.0.114.1",
            "[::ffff:203.0.114.1]:40000 > [3fff::9]:9 protocol 17",
        ),
        carried(
            "a 6to4 source meets IPv4 ranges",
            "2002:cb00:7101::1",
            "[2002:cb00:7101::1]:40000 > [3fff::9]:9 protocol 17",
            "ONE 203.0.113.0/24 via 6to4",
        ),
        carried(
            "a source behind the well-known prefix of NAT64 meets IPv4 ranges",
            "64:ff9b::203.0.113.1",
            "[64:ff9b::cb00:7101]:40000 > [3fff::9]:9 protocol 17",
            "ONE 203.0.113.0/24 via nat64",
        ),
        carried(
            "an ISATAP source meets IPv4 ranges",
            "fe80::5efe:203.0.113.1",
            "[fe80::5efe:cb00:7101]:40000 > [3fff::9]:9 protocol 17",
            "ONE 203.0.113.0/24 via isatap",
        ),
        carried(
            "an ISATAP source with a global IPv4 address meets IPv4 ranges, behind any prefix",
            "3fff:1:2:3:200:5efe:203.0.113.1",
            "[3fff:1:2:3:200:5efe:cb00:7101]:40000 > [3fff::9]:9 protocol 17",
            "ONE 203.0.113.0/24 via isatap",
        ),
        not_carried(
            "an IPv4 address in the low bits alone is part of an IPv6 address",
            "3fff::203.0.113.1",
            "[3fff::cb00:7101]:40000 > [3fff::9]:9 protocol 17",
        ),
    ]
}

/// RFC 4380: the server's address, then the client's with its bits inverted.
fn teredo() -> Vec<Case> {
    vec![
        carried(
            "a Teredo source meets IPv4 ranges by its server",
            "2001:0:cb00:7101:8000:63bf:3fff:fdd2",
            "[2001:0:cb00:7101:8000:63bf:3fff:fdd2]:40000 > [3fff::9]:9 protocol 17",
            "ONE 203.0.113.0/24 via teredo",
        ),
        carried(
            "a Teredo source meets IPv4 ranges by its client, whose bits are inverted",
            "2001:0:c000:201:8000:63bf:34ff:8efe",
            "[2001:0:c000:201:8000:63bf:34ff:8efe]:40000 > [3fff::9]:9 protocol 17",
            "ONE 203.0.113.0/24 via teredo",
        ),
        not_carried(
            "the client of a Teredo source is not read as it stands",
            "2001:0:c000:201:8000:63bf:cb00:7101",
            "[2001:0:c000:201:8000:63bf:cb00:7101]:40000 > [3fff::9]:9 protocol 17",
        ),
        carried(
            "of two addresses in a Teredo source the graver one decides",
            "2001:0:cb00:7101:8000:63bf:3fff:fdfe",
            "[2001:0:cb00:7101:8000:63bf:3fff:fdfe]:40000 > [3fff::9]:9 protocol 17",
            "TWO 192.0.2.0/24 via teredo",
        )
        .lists(&[V4, drop("TWO", "192.0.2.0/24\n")])
        .outcome(Dropped),
    ]
}

/// RFC 6052 clause 2.2: where the address stands depends on the length of the prefix.
fn prefixes() -> Vec<Case> {
    let via = "ONE 203.0.113.0/24 via nat64";
    let configured = |says, source, reads| carried(says, source, reads, via).look(Nat64);
    vec![
        configured(
            "a NAT64 prefix of 32 bits that was asked for",
            "3fff:32:cb00:7101::",
            "[3fff:32:cb00:7101::]:40000 > [3fff::9]:9 protocol 17",
        ),
        configured(
            "a NAT64 prefix of 48 bits that was asked for",
            "3fff:48:1:cb00:71:100::",
            "[3fff:48:1:cb00:71:100::]:40000 > [3fff::9]:9 protocol 17",
        ),
        configured(
            "a NAT64 prefix of 64 bits that was asked for",
            "3fff:64:1:2:cb:71:100::",
            "[3fff:64:1:2:cb:71:100:0]:40000 > [3fff::9]:9 protocol 17",
        ),
        configured(
            "a NAT64 prefix of 96 bits that was asked for",
            "3fff:96::203.0.113.1",
            "[3fff:96::cb00:7101]:40000 > [3fff::9]:9 protocol 17",
        ),
        configured(
            "the well-known prefix of NAT64 beside others",
            "64:ff9b::203.0.113.1",
            "[64:ff9b::cb00:7101]:40000 > [3fff::9]:9 protocol 17",
        ),
        not_carried(
            "a NAT64 prefix that was not asked for is an IPv6 prefix like any other",
            "3fff:96::203.0.113.1",
            "[3fff:96::cb00:7101]:40000 > [3fff::9]:9 protocol 17",
        ),
        not_carried(
            "the prefix for local NAT64 (RFC 8215) is nobody's until it is asked for",
            "64:ff9b:1::203.0.113.1",
            "[64:ff9b:1::cb00:7101]:40000 > [3fff::9]:9 protocol 17",
        ),
        not_carried(
            "a neighbour of a NAT64 prefix that was asked for",
            "3fff:96:0:0:0:1:203.0.113.1",
            "[3fff:96::1:cb00:7101]:40000 > [3fff::9]:9 protocol 17",
        )
        .look(Nat64),
    ]
}

/// The address that carries is looked up beside the one that is carried.
fn beside() -> Vec<Case> {
    let six_to_four = "[2002:cb00:7101::1]:40000 > [3fff::9]:9 protocol 17";
    vec![
        carried(
            "an IPv4-mapped source in an IPv6 header meets IPv6 ranges, and the alert names that range",
            "::ffff:203.0.113.1",
            "[::ffff:203.0.113.1]:40000 > [3fff::9]:9 protocol 17",
            "ONE ::/8",
        )
        .lists(&[alert("ONE", "::/8\n"), alert("TWO", "203.0.113.0/24\n")]),
        carried(
            "an IPv6 exception does not hide the IPv4 address inside",
            "2002:cb00:7101::1",
            six_to_four,
            "ONE 203.0.113.0/24 via 6to4",
        )
        .lists(&[V4, allow("LAB", "2002::/16\n")]),
        carried(
            "an IPv4 exception does not hide the IPv6 address around it",
            "2002:cb00:7101::1",
            six_to_four,
            "TWO 2002::/16",
        )
        .lists(&[allow("LAB", "203.0.113.0/24\n"), alert("TWO", "2002::/16\n")]),
    ]
}
