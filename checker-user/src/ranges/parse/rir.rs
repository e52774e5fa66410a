//! A registry's delegated or delegated-extended file:
//!
//! ```text
//! 2|ripencc|20260901|3|19830705|20260901|+0000
//! ripencc|*|ipv4|*|2|summary
//! ripencc|IR|ipv4|192.0.2.0|768|20120403|assigned|opaque-id
//! ripencc|IR|ipv6|2001:db8::|32|20120403|allocated|opaque-id
//! ```
//!
//! The value of an IPv4 line is a number of addresses and need be no power of two; that of an IPv6 line is a prefix
//! length. `available` and `reserved` space, AS numbers and summaries are skipped.
//! Format: <https://www.apnic.net/about-apnic/corporate-documents/documents/resource-guidelines/rir-statistics-exchange-format/>.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{
    address::{Span, address, number},
    collect::Collector,
    date,
    lines::lines,
    rejected::Reason,
};
use crate::ranges::country::Country;

/// Reads the lines of a file.
pub fn read(text: &[u8], found: &mut Collector) {
    for (line, text) in lines(text) {
        let text = text.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        let fields: Vec<_> = text.splitn(9, |byte| *byte == b'|').map(<[u8]>::trim_ascii).collect();
        match fields[..] {
            // The version line: serial number (a date, or seconds), then the last day that is in the file.
            [version, _, serial, _, _, end, ..] if version.first().is_some_and(u8::is_ascii_digit) => {
                found.dated(date::of_digits(end).or_else(|| date::of_digits(serial)));
            }
            [.., b"summary"] | [_, _, b"asn", ..] => {}
            [_, _, b"ipv4" | b"ipv6", _, _, _, b"available" | b"reserved", ..] => {}
            [_, country, family, start, value, _, b"allocated" | b"assigned", ..] => {
                let span = span(family, start, value);
                // A line that is wrong is wrong whatever its country.
                if span.is_err() || found.enter(Country::read(country), line) {
                    found.take(line, text, span);
                }
            }
            _ => found.reject(line, text, Reason::Why("is no line of a delegated file")),
        }
    }
}

fn span(family: &[u8], start: &[u8], value: &[u8]) -> Result<Span, Reason> {
    let wrong = Reason::Why("is no line of a delegated file");
    let value = number(value).ok_or(wrong)?;
    match (family, address(start).ok_or(wrong)?) {
        (b"ipv4", IpAddr::V4(first)) => {
            let outside = Reason::Why("counts more addresses than there are");
            let more = u32::try_from(value).ok().and_then(|count| count.checked_sub(1)).ok_or(outside)?;
            let last = first.to_bits().checked_add(more).ok_or(outside)?;
            Ok(Span::Range(first.into(), IpAddr::V4(last.into())))
        }
        (b"ipv6", addr @ IpAddr::V6(_)) => {
            let len = u32::try_from(value).unwrap_or(u32::MAX);
            let too_long = Reason::PrefixTooLong { len, max: 128 };
            let net = IpNet::new(addr, u8::try_from(len).map_err(|_| too_long)?);
            net.map(Span::Net).map_err(|_| too_long)
        }
        _ => Err(wrong),
    }
}
