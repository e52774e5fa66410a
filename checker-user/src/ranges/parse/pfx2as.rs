//! Prefix and origin AS, as CAIDA's pfx2as has them: all prefixes of the file are taken, so it should hold those of the
//! networks that are meant.
//!
//! ```text
//! 192.0.2.0       24      64500
//! 198.51.100.0/24 64500_64501,64502
//! ```
//!
//! Several origins stand as `1_2` (several networks announce it) or `1,2` (a set). An origin can be forged.
//! Format: <https://publicdata.caida.org/datasets/routing/routeviews-prefix2as/README.txt>.

use super::{
    address::{Span, prefix},
    collect::Collector,
    date,
    lines::lines,
    rejected::Reason,
};

/// Reads the lines of a file.
pub fn read(text: &[u8], found: &mut Collector) {
    for (line, text) in lines(text) {
        let end = memchr::memchr(b'#', text).unwrap_or(text.len());
        let row = text[..end].trim_ascii();
        if row.is_empty() {
            found.dated(date::of_comment(text));
            continue;
        }
        let words: Vec<_> = row.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        let net = match words[..] {
            [net, asn] if is_origin(asn) => prefix(net),
            [addr, len, asn] if is_origin(asn) => prefix(&[addr, b"/", len].concat()),
            _ => Err(Reason::Why("is not a prefix and the number of an AS")),
        };
        found.take(line, row, net.map(Span::Net));
    }
}

fn is_origin(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"AS").unwrap_or(word);
    digits.first().is_some_and(u8::is_ascii_digit)
        && digits.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b',' | b'{' | b'}'))
}
