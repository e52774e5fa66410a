//! The plain format: one prefix, address or range a line, as `FireHOL`, iprange, ipdeny and nearly everybody writes it.
//!
//! ```text
//! # Source File Date: Thu Sep 12 01:20:10 UTC 2024
//! 192.0.2.0/24
//! 192.0.2.0/255.255.255.0     ; the same
//! 198.51.100.7                # an address
//! 198.51.100.8 - 198.51.100.9 // a range; its ends may be prefixes
//! ```
//!
//! Comments go from `#` or `;` to the end of the line, and from `//` where a blank or nothing stands before it
//! (`192.0.2.0//24` is a slip, not a comment). The grammar is that of iprange(1), without its guesses: bare integers,
//! octal octets and host names are refused.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

use super::{
    address::{dotted, span},
    collect::Collector,
    date,
    lines::lines,
};

/// Reads lines that end in LF, CRLF or the end of the text. A comment may hold any bytes.
pub fn read(text: &[u8], found: &mut Collector) {
    let mut header = true;
    for (number, line) in lines(text) {
        if let Some(net) = quick(line) {
            header = false;
            found.add(net, number);
            continue;
        }
        let range = without_comment(line);
        if !range.is_empty() {
            header = false;
            found.take(number, range, span(range));
        } else if header {
            found.dated(date::of_comment(line));
        }
    }
}

/// A line without its comment and the blanks around it.
fn without_comment(line: &[u8]) -> &[u8] {
    let begins = |at: usize| match line[at] {
        b'#' | b';' => true,
        b'/' => line.get(at + 1) == Some(&b'/') && (at == 0 || line[at - 1].is_ascii_whitespace()),
        _ => false,
    };
    let end = memchr::memchr3_iter(b'#', b';', b'/', line).find(|at| begins(*at)).unwrap_or(line.len());
    line[..end].trim_ascii()
}

/// An IPv4 address or prefix and nothing else: nearly every line of a long list.
fn quick(line: &[u8]) -> Option<IpNet> {
    let (bits, at) = dotted(line)?;
    let len = match line[at..] {
        [] => 32,
        [b'/', digit @ b'0'..=b'9'] => digit - b'0',
        [b'/', ten @ b'1'..=b'9', one @ b'0'..=b'9'] => (ten - b'0') * 10 + (one - b'0'),
        _ => return None,
    };
    Ipv4Net::new(Ipv4Addr::from_bits(bits), len).ok().map(IpNet::V4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::ranges::{
        parse::{List, Rejected, parse},
        source::Source,
        spec::ListSpec,
    };

    fn list(bytes: &[u8]) -> Result<List, Rejected> {
        let spec = "ONE=lists/one.txt".parse().unwrap();
        parse(&Source { spec, bytes: bytes.to_vec(), sha256: [0xa5; 32] })
    }

    fn entries(bytes: &[u8]) -> Vec<(String, u32)> {
        let list = list(bytes).unwrap_or_else(|rejected| panic!("{rejected}"));
        list.entries.iter().map(|entry| (entry.net.to_string(), entry.line)).collect()
    }

    fn refusal(bytes: &[u8]) -> String {
        list(bytes).unwrap_err().to_string()
    }

    #[test]
    fn one_prefix_or_address_a_line() {
        let text = b"192.0.2.0/24\n198.51.100.7\n2001:db8::/32\n2001:db8::1\n::ffff:203.0.113.1\n0.0.0.0/0";
        let expected = [
            "192.0.2.0/24",
            "198.51.100.7/32",
            "2001:db8::/32",
            "2001:db8::1/128",
            "203.0.113.1/32",
            "0.0.0.0/0",
        ];
        let expected: Vec<_> = expected.into_iter().map(str::to_owned).zip(1..).collect();
        assert_eq!(entries(text), expected);
    }

    #[test]
    fn comments_blanks_and_line_ends_do_not_matter_but_lines_are_counted() {
        let text =
            b"\xef\xbb\xbf# latin-1: \xe9\r\n; x\r\n\r\n \t192.0.2.0/24 # one\r\n198.51.100.7;two\r\n  \n\n";
        assert_eq!(entries(text), [("192.0.2.0/24".into(), 4), ("198.51.100.7/32".into(), 5)]);
    }

    #[test]
    fn the_list_tells_where_it_comes_from() {
        let one = list(b"192.0.2.1/24\n192.0.2.2/24\n192.0.2.3").unwrap();
        assert_eq!(one.name, "one.txt");
        assert_eq!(one.sha256_hex(), "a5".repeat(32));
        assert_eq!(one.warnings(), ["lists/one.txt: host bits were set in 2 ranges; masked"]);
        assert_eq!(list(b"192.0.2.3").unwrap().warnings(), [""; 0]);
    }

    #[test]
    fn what_only_looks_like_a_prefix_is_refused() {
        for text in [
            "foo",
            "192.0.2",
            "192.0.2.0/",
            "/24",
            "192.0.2.0/+24",
            "192.0.2.0/024",
            "192.0.2.0/24/24",
            "192.0.02.0",
            "192.0.2.0 /24",
            "fe80::1%eth0",
            "[2001:db8::1]",
            "2001:db8::/ 32",
            "192.0.2.0/99999999999",
            "192.0.2.1 192.0.2.2",
            "192.0.2.0//24",
            "192.0.2.1-",
            "-192.0.2.1",
            "1",
        ] {
            let expected = format!("lists/one.txt:2: \"{text}\" is not an address or a prefix");
            assert_eq!(refusal(format!("192.0.2.0/24\n{text} # why\n").as_bytes()), expected);
        }
    }

    #[test]
    fn a_length_that_the_family_does_not_have_is_named() {
        for (text, why) in [
            ("192.0.2.0/33", "33 is larger than 32"),
            ("2001:db8::/129", "129 is larger than 128"),
            ("::ffff:192.0.2.0/129", "129 is larger than 128"),
            ("192.0.2.0/4000", "4000 is larger than 32"),
        ] {
            assert_eq!(refusal(text.as_bytes()), format!("lists/one.txt:1: \"{text}\": prefix length {why}"));
        }
    }

    #[test]
    fn netmasks_and_ranges_are_read_as_iprange_writes_them() {
        let text =
            b"192.0.2.0/255.255.255.0\n198.51.100.6 - 198.51.100.9 // two\n203.0.113.0/25-203.0.113.128/25\n\
                     // comment\n2001:db8::-2001:db8::1 # v6";
        let expected = [
            ("192.0.2.0/24", 1),
            ("198.51.100.6/31", 2),
            ("198.51.100.8/31", 2),
            ("203.0.113.0/24", 3),
            ("2001:db8::/127", 5),
        ];
        assert_eq!(entries(text), expected.map(|(net, line)| (net.to_owned(), line)));
    }

    #[test]
    fn a_name_is_never_resolved() {
        let expected = "lists/one.txt:1: \"example.org\" is a host name; names are never resolved";
        assert_eq!(refusal(b"example.org\n"), expected);
    }

    #[test]
    fn the_header_tells_the_day() {
        let dated = |text: &str| list(text.as_bytes()).unwrap().as_of.map(|date| date.to_string());
        let text = "#\n# Source File Date: Thu Sep 12 01:20:10 UTC 2024\n# This File Date  : Fri Sep 13 1:20 UTC 2024\n1.1.1.1";
        assert_eq!(dated(text).as_deref(), Some("2024-09-12"));
        assert_eq!(dated("192.0.2.1\n# Date: 2024-09-12"), None, "a comment below is about something else");
    }

    #[test]
    fn text_that_is_no_text_is_refused() {
        let shown = "lists/one.txt:1: \"\u{fffd}\\u{0}\\u{1b}\" is not an address or a prefix";
        assert_eq!(refusal(b"\xff\0\x1b\n"), shown);
    }

    #[test]
    fn utf_16_is_decoded_and_its_lines_are_counted() {
        let units = "# \u{e4}\r\n192.0.2.0/24\r\nx".encode_utf16();
        let text: Vec<u8> = [0xff, 0xfe].into_iter().chain(units.flat_map(u16::to_le_bytes)).collect();
        assert_eq!(refusal(&text), "lists/one.txt:3: \"x\" is not an address or a prefix");
        assert_eq!(entries(&text[..text.len() - 2]), [("192.0.2.0/24".into(), 2)]);
    }

    #[test]
    fn a_list_of_nothing_is_refused() {
        assert_eq!(refusal(b"# nothing\n"), "lists/one.txt: holds no range; nothing was loaded");
        for text in ["", "\n\n", "\u{feff}"] {
            let expected = "lists/one.txt: is empty; nothing was loaded";
            assert_eq!(refusal(text.as_bytes()), expected);
        }
    }

    #[test]
    fn leniently_the_rest_is_loaded_and_what_is_not_is_said() {
        let mut spec: ListSpec = "ONE=one.txt".parse().unwrap();
        spec.reading.lenient = true;
        let read = |text: &str| parse(&Source { spec: spec.clone(), bytes: text.into(), sha256: [0; 32] });
        let list = read("x\n192.0.2.0/24\nexample.org\n").unwrap();
        assert_eq!(list.entries.len(), 1);
        let expected = "one.txt: 2 lines were left out:\none.txt:1: \"x\" is not an address or a prefix\n\
                        one.txt:3: \"example.org\" is a host name; names are never resolved";
        assert_eq!(list.warnings(), [expected]);
        let one = "one.txt:1: \"x\" is not an address or a prefix; left out";
        assert_eq!(read("x\n192.0.2.0/24").unwrap().warnings(), [one]);
        let refused = read("x\ny\n").unwrap_err().to_string();
        assert_eq!(refused, "one.txt: holds no range; nothing was loaded", "nothing is left");
    }

    #[test]
    fn one_bad_line_refuses_all_and_every_bad_line_is_named() {
        let expected = "lists/one.txt:1: \"x\" is not an address or a prefix\n\
                        lists/one.txt:3: \"y\" is not an address or a prefix\n\
                        lists/one.txt: nothing was loaded";
        assert_eq!(refusal(b"x\n192.0.2.0/24\ny\n"), expected);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_print_what_they_like(bytes in any::<Vec<u8>>()) {
            if let Err(rejected) = list(&bytes) {
                prop_assert!(!rejected.to_string().contains(|c: char| c.is_control() && c != '\n'));
            }
        }

        #[test]
        fn nothing_like_a_list_makes_it_panic(text in "[0-9a-f.:/#;% \r\n-]{0,80}") {
            let _ = list(text.as_bytes());
        }
    }
}
