//! The lists of peer-to-peer programs: eMule's `ipfilter.dat`, and the lines of `PeerGuardian`.
//!
//! ```text
//! 192.000.002.000 - 192.000.002.255 , 000 , Somebody
//! Somebody:192.0.2.0-192.0.2.255
//! ```
//!
//! Octets are decimal, whatever zeros stand before them. eMule lets pass what has an access level of 128 or more: such
//! lines are skipped. IPv4 only.

use super::{
    address::{Span, number, padded, range},
    collect::Collector,
    date,
    lines::lines,
    rejected::Reason,
};

/// The lowest level that eMule lets pass.
const LET_PASS: u128 = 128;

/// Reads the lines of a file.
pub fn read(text: &[u8], found: &mut Collector) {
    for (line, text) in lines(text) {
        let row = text.trim_ascii();
        if row.is_empty() || row.starts_with(b"#") || row.starts_with(b"//") {
            found.dated(date::of_comment(row));
            continue;
        }
        match of_row(row) {
            Ok(Some(span)) => found.add_span(span, line),
            Ok(None) => {}
            Err(reason) => found.reject(line, row, reason),
        }
    }
}

/// The range of a line; `None` when it lets pass.
fn of_row(row: &[u8]) -> Result<Option<Span>, Reason> {
    let mut fields = row.splitn(3, |byte| *byte == b',').map(<[u8]>::trim_ascii);
    let (first, level) = (fields.next().unwrap_or_default(), fields.next());
    if let (Some(span), Some(level)) = (between(first), level) {
        let digits = level.iter().position(|byte| *byte != b'0').map_or(&b"0"[..], |at| &level[at..]);
        let level = number(digits).ok_or(Reason::Why("has no access level"))?;
        return if level < LET_PASS { span.map(Some) } else { Ok(None) };
    }
    // A name may hold colons and commas.
    let colon = memchr::memrchr(b':', row);
    let span = colon.and_then(|colon| between(&row[colon + 1..]));
    span.ok_or(Reason::Why("is neither \"a - b , level , name\" nor \"name:a-b\""))?.map(Some)
}

fn between(text: &[u8]) -> Option<Result<Span, Reason>> {
    let dash = memchr::memchr(b'-', text)?;
    let [first, last] = [&text[..dash], &text[dash + 1..]].map(|end| padded(end.trim_ascii()));
    Some(range(first?, last?))
}
