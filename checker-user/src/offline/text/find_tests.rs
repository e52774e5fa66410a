//! The rules of `docs/scan.md`, as a table and against slow and simple readings of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;

fn found(text: &[u8]) -> Vec<Found> {
    let mut all = Vec::new();
    find(text, |found| all.push(found));
    all
}

/// What is found, as it is written in the text.
fn written(text: &str) -> Vec<&str> {
    found(text.as_bytes()).iter().map(|found| &text[found.start..found.end]).collect()
}

#[test]
fn what_counts_as_ipv4() {
    for (text, expected) in [
        ("203.0.113.7", &["203.0.113.7"][..]),
        ("203.0.113.7 - - [23/Nov/2026:21:48:04 +0000]", &["203.0.113.7"]),
        ("from 203.0.113.7:443.", &["203.0.113.7"]),
        ("Connection closed by 203.0.113.7.", &["203.0.113.7"]),
        ("203.0.113.7. And", &["203.0.113.7"]),
        ("203.0.113.0/24", &["203.0.113.0"]),
        ("10.0.0.1-10.0.0.9", &["10.0.0.1", "10.0.0.9"]),
        ("10.0.0.1,10.0.0.9;", &["10.0.0.1", "10.0.0.9"]),
        (r#"{"ip":"203.0.113.7","x":1}"#, &["203.0.113.7"]),
        (r#""log":"a\t203.0.113.7\n203.0.113.8\n""#, &["203.0.113.7", "203.0.113.8"]),
        ("src=203.0.113.7&dst=[203.0.113.8]", &["203.0.113.7", "203.0.113.8"]),
        ("http://203.0.113.7/x", &["203.0.113.7"]),
        ("?u=http%3A%2F%2F203.0.113.7%2F", &["203.0.113.7"]),
        ("?a=%20203.0.113.7%201.2.3.4", &["203.0.113.7", "1.2.3.4"]),
        ("%1.2.3.4%", &["1.2.3.4"]),
        ("\x1b[1;31m203.0.113.7\x1b[0m", &["203.0.113.7"]),
        ("m203.0.113.7 [31m203.0.113.7", &[]),
        ("ip-203.0.113.7_443", &["203.0.113.7"]),
        ("_1.2.3.4_", &["1.2.3.4"]),
        ("host.203.0.113.7", &["203.0.113.7"]),
        ("...203.0.113.7...", &["203.0.113.7"]),
        ("1:1.2.3.4", &["1.2.3.4"]),
        ("é1.2.3.4é", &["1.2.3.4"]),
        ("Chrome/120.0.0.0", &["120.0.0.0"]),
        ("0.0.0.0 255.255.255.255", &["0.0.0.0", "255.255.255.255"]),
        ("1.2.3.4.5", &[]),
        ("0.1.2.3.4", &[]),
        ("v1.2.3.4", &[]),
        ("v1.2.3.4-rc", &[]),
        ("x1.2.3.4", &[]),
        ("1.2.3.4x", &[]),
        ("1.2.3.256", &[]),
        ("1.2.3.4567", &[]),
        ("1234.1.1.1", &[]),
        ("01.2.3.4", &[]),
        ("1.02.3.4", &[]),
        ("1.2.3", &[]),
        ("1..2.3.4", &[]),
        ("7.113.0.203.in-addr.arpa", &[]),
        ("1.2.3.4.example.org", &[]),
        ("1.3.6.1.4.1.2021", &[]),
        ("537.36 1.1 0.5", &[]),
    ] {
        assert_eq!(written(text), expected, "{text}");
    }
}

#[test]
fn what_counts_as_ipv6() {
    for (text, expected) in [
        ("2001:db8::1", &["2001:db8::1"][..]),
        ("2001:DB8:0:0:0:0:0:1 x", &["2001:DB8:0:0:0:0:0:1"]),
        ("[2001:db8::1]:22", &["2001:db8::1"]),
        ("from 2001:db8::1: refused", &["2001:db8::1"]),
        ("from 2001:db8::1.", &["2001:db8::1"]),
        ("2001:db8::: refused", &["2001:db8::"]),
        ("peer:2001:db8::1", &["2001:db8::1"]),
        ("host.lan:2001:db8::1", &["2001:db8::1"]),
        ("addr:::1", &["::1"]),
        // A key, however odd.
        ("x2001:db8::1", &["db8::1"]),
        ("::1:0:0:1:0:0:0.0.0.0::", &["0.0.0.0"]),
        ("::1:.:::1", &["::1"]),
        ("deadbeef:2001:db8::1", &["2001:db8::1"]),
        ("2001:db8::/32", &["2001:db8::"]),
        ("fe80::1%eth0", &["fe80::1"]),
        ("::ffff:203.0.113.7", &["::ffff:203.0.113.7"]),
        ("::ffff:203.0.113.7:443", &["::ffff:203.0.113.7"]),
        ("0:0:0:0:0:ffff:203.0.113.7", &["0:0:0:0:0:ffff:203.0.113.7"]),
        ("[::ffff:cb00:7107]", &["::ffff:cb00:7107"]),
        ("2001:db8::1:12345", &["2001:db8::1"]),
        (r#""2001:db8::1","::1""#, &["2001:db8::1", "::1"]),
        (r"\n2001:db8::1\n", &["2001:db8::1"]),
        ("%5B2001:db8::1%5D", &["2001:db8::1"]),
        ("%20fe80::1%20", &["fe80::1"]),
        ("\x1b[31m2001:db8::1\x1b[0m", &["2001:db8::1"]),
        ("2001:db8::1_x", &["2001:db8::1"]),
        ("1:2:3:4:5:6:7:8", &["1:2:3:4:5:6:7:8"]),
        ("1:2:3:4:5:6:7::", &["1:2:3:4:5:6:7::"]),
        ("fdab:cd:ef::a", &["fdab:cd:ef::a"]),
        ("1::2::3", &[]),
        ("1:2:3:4:5:6:7", &[]),
        ("1:2:3:4:5:6:7:8:9", &[]),
        ("12345::1", &[]),
        ("12:34:56", &[]),
        ("2026:21:48:04 +0000", &[]),
        ("3c:ec:ef:01:02:03", &[]),
        ("50:06:0b:00:00:c2:62:00", &[]),
        ("00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f", &[]),
        ("a::b", &[]),
        ("std::a1", &[]),
        ("std::vector::begin", &[]),
        ("dead::beef", &[]),
        ("::abc abc::", &[]),
        ("a::after", &[]),
        ("::", &[]),
        (":::22", &[]),
        ("2001:db8::zz", &[]),
        ("x::1", &[]),
        ("2001:db8::1x", &[]),
        ("2001:db8::1.443", &[]),
        ("2001:db8::a:1.443", &[]),
        ("00000000: 4500 0054 0000", &[]),
    ] {
        assert_eq!(written(text), expected, "{text}");
    }
}

#[test]
fn a_mapped_address_stays_what_is_written() {
    let all = found(b"::ffff:203.0.113.7");
    assert_eq!(
        all.iter().map(|found| found.addr).collect::<Vec<_>>(),
        ["::ffff:203.0.113.7".parse::<IpAddr>().unwrap()]
    );
}

/// Text that is full of things that could be an address and nearly are.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits).to_string()),
        4 => any::<u128>().prop_map(|bits| Ipv6Addr::from_bits(bits).to_string()),
        2 => prop::sample::select(vec!["2001:db8::1", "::ffff:1.2.3.4", "1.2.3.4", "::", "12:34:56", "a::b", "%2F"]).prop_map(str::to_owned),
        6 => "[0-9]{1,4}|[0-9a-f]{1,5}",
        8 => "[.:]|[.:]{1,3}|[ %_\\\\nx/\\-]",
        1 => "[a-zA-Z]{1,9}",
        1 => "\n",
    ];
    let bytes = prop_oneof![
        12 => prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ];
    prop::collection::vec(bytes, 0..4).prop_map(|parts| parts.concat())
}

/// IPv4 by the letter of the rules: every place is tried with every length.
fn every_ipv4(text: &[u8]) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for start in 0..text.len() {
        for end in start + 7..=text.len().min(start + 15) {
            let parsed = str::from_utf8(&text[start..end]).is_ok_and(|text| text.parse::<Ipv4Addr>().is_ok());
            let (before, behind) = (&text[..start], &text[end..]);
            let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
            let escape = match before {
                [.., b'%', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
                [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't' | b'v'] => true,
                _ => false,
            };
            let inside_escape = match before {
                [.., b'%'] => text[start..].get(1).is_some_and(u8::is_ascii_hexdigit),
                [.., b'%', a] => a.is_ascii_hexdigit(),
                _ => false,
            };
            let dotted = matches!(before, [.., digit, b'.'] if digit.is_ascii_digit());
            let begins = escape || (!word(before.last()) && !dotted && !inside_escape);
            let ends = !(word(behind.first()) || behind.first() == Some(&b'.') && word(behind.get(1)));
            if parsed && begins && ends {
                all.push((start, end));
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn ipv4_is_what_the_rules_say(text in text()) {
        let all = found(&text);
        let v6: Vec<_> = all.iter().filter(|found| found.addr.is_ipv6()).collect();
        let v4: Vec<_> =
            all.iter().filter(|found| found.addr.is_ipv4()).map(|found| (found.start, found.end)).collect();
        // The last part of an IPv6 address is none of its own.
        let expected: Vec<_> = every_ipv4(&text)
            .into_iter()
            .filter(|(start, _)| !v6.iter().any(|v6| (v6.start..v6.end).contains(start)))
            .collect();
        prop_assert_eq!(v4, expected);
    }

    #[test]
    fn what_is_found_is_an_address_in_words_of_its_own(text in text()) {
        let mut end = 0;
        for found in found(&text) {
            prop_assert!(found.start >= end, "two overlap");
            end = found.end;
            let written = str::from_utf8(&text[found.start..found.end]).unwrap();
            prop_assert_eq!(written.parse::<IpAddr>(), Ok(found.addr));
            prop_assert!(!text.get(end).is_some_and(u8::is_ascii_alphanumeric), "a word goes on behind it");
        }
    }

    #[test]
    fn every_address_between_words_is_found(
        bits in any::<u128>(), zeros in 0..128_u32,
        before in "|[ \\[\"'(=,/|-]|key=|[g-z]+:|.*[ \t]", behind in "|[ \\]\"'),/|%-]|\\. |, |\\]:22|: no",
    ) {
        let bits = bits >> zeros;
        for addr in [IpAddr::V6(Ipv6Addr::from_bits(bits)), IpAddr::V4(Ipv4Addr::from_bits(bits as u32))] {
            let shown = addr.to_string();
            // `::1:2` behind `key:` is `key::1:2`… no: three colons; and names without digits are no addresses.
            prop_assume!(shown.bytes().any(|byte| byte.is_ascii_digit()));
            let text = format!("{before}{shown}{behind}");
            let all = found(text.as_bytes());
            prop_assert!(all.iter().any(|found| found.start == before.len() && found.addr == addr), "{text}: {all:?}");
        }
    }

    /// What `blocks` relies on.
    #[test]
    fn what_stands_far_away_does_not_matter(texts in prop::collection::vec(text(), 4..6), cut in any::<prop::sample::Index>()) {
        let text = texts.concat();
        prop_assume!(text.len() > 2 * CONTEXT);
        let cut = cut.index(text.len() - 2 * CONTEXT) + CONTEXT;
        let whole = found(&text);
        let mut parts = found(&text[..cut + CONTEXT]);
        parts.retain(|found| found.start < cut);
        let behind = found(&text[cut - CONTEXT..]).into_iter();
        let behind = behind.map(|found| Found {
            start: found.start + cut - CONTEXT, end: found.end + cut - CONTEXT, ..found
        });
        parts.extend(behind.filter(|found| found.start >= cut));
        prop_assert_eq!(parts, whole);
    }
}
