//! RFC 8805: prefix, country, region, city, postal code. What a network says of itself; whoever wants to be elsewhere
//! can write that.
//!
//! ```text
//! # comments may hold commas, too
//! 192.0.2.0/24,US,US-WA,Seattle,
//! 198.51.100.7,,,,
//! ```
//!
//! An empty country asks not to be placed: such a range is of no country.

use super::{
    address::{Span, prefix},
    collect::Collector,
    date,
    fields::fields,
    lines::lines,
    rejected::Reason,
};
use crate::ranges::country::Country;

/// Reads the lines of a file.
pub fn read(text: &[u8], found: &mut Collector) {
    for (line, text) in lines(text) {
        let end = memchr::memchr(b'#', text).unwrap_or(text.len());
        let row = text[..end].trim_ascii();
        if row.is_empty() {
            found.dated(date::of_comment(text));
            continue;
        }
        let fields = fields(row, b',');
        let code: &[u8] = fields.get(1).map(|field| &**field).unwrap_or_default();
        let country = Country::read(code);
        match prefix(&fields[0]) {
            Err(reason) => found.reject(line, row, reason),
            Ok(_) if country.is_none() && !code.is_empty() => {
                found.reject(line, row, Reason::Why("names no country of two letters"));
            }
            Ok(net) => {
                if found.enter(country, line) {
                    found.add_span(Span::Net(net), line);
                }
            }
        }
    }
}
