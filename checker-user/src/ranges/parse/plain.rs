//! The plain format: one prefix or address a line, comments from `#` or `;` to the end of the line.
//!
//! What only looks like a prefix is refused, because guessing is how a watcher watches the wrong addresses:
//! octets with leading zeros (some read them as octal), netmasks, `a-b` ranges, zone ids, host names.

use std::{net::IpAddr, str};

use ipnet::IpNet;

use super::{collect::Collector, rejected::Reason};

/// Reads lines that end in LF, CRLF or the end of the text. A comment may hold any bytes.
pub fn read(text: &[u8], found: &mut Collector) {
    for (line, number) in text.split(|&byte| byte == b'\n').zip(1..) {
        let end = line.iter().position(|byte| matches!(byte, b'#' | b';')).unwrap_or(line.len());
        let range = line[..end].trim_ascii();
        if range.is_empty() {
            continue;
        }
        match prefix(range) {
            Ok(net) => found.add(net, number),
            Err(reason) => found.reject(number, range, reason),
        }
    }
}

fn prefix(text: &[u8]) -> Result<IpNet, Reason> {
    let text = str::from_utf8(text).map_err(|_| Reason::NotARange)?;
    let address = |text: &str| text.parse::<IpAddr>().map_err(|_| Reason::NotARange);
    let Some((addr, len)) = text.split_once('/') else {
        return address(text).map(IpNet::from);
    };
    let addr = address(addr)?;
    let len = length(len).ok_or(Reason::NotARange)?;

    let max = if addr.is_ipv4() { 32 } else { 128 };
    let too_long = Reason::PrefixTooLong { len, max };
    IpNet::new(addr, u8::try_from(len).map_err(|_| too_long)?).map_err(|_| too_long)
}

/// A decimal number as people write one: no sign, no leading zero.
fn length(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::ranges::{
        parse::{List, Rejected, parse},
        source::Source,
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
        assert_eq!(one.warning().unwrap(), "lists/one.txt: host bits were set in 2 ranges; masked");
        assert_eq!(list(b"192.0.2.3").unwrap().warning(), None);
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
            "192.0.2.0/255.255.255.0",
            "192.0.2.0-192.0.2.9",
            "192.0.2.0 - 192.0.2.9",
            "192.0.2.0 /24",
            "fe80::1%eth0",
            "[2001:db8::1]",
            "2001:db8::/ 32",
            "192.0.2.0/99999999999",
            "192.0.2.1 192.0.2.2",
            "example.org",
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
    fn text_that_is_no_text_is_refused() {
        let shown = "lists/one.txt:1: \"\u{fffd}\\u{0}\\u{1b}\" is not an address or a prefix";
        assert_eq!(refusal(b"\xff\0\x1b\n"), shown);
        for mark in [b"\xff\xfe1\0", b"\xfe\xff\x001"] {
            assert_eq!(refusal(mark), "lists/one.txt: is UTF-16 text; save it as UTF-8; nothing was loaded");
        }
    }

    #[test]
    fn a_list_of_nothing_is_refused() {
        for text in ["", "\n\n", "# nothing\n", "\u{feff}"] {
            assert_eq!(refusal(text.as_bytes()), "lists/one.txt: holds no range; nothing was loaded");
        }
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
