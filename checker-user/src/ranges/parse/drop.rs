//! Spamhaus DROP: JSON lines, or the older text.
//!
//! ```text
//! {"cidr":"192.0.2.0/24","sblid":"SBL1","rir":"apnic"}
//! {"type":"metadata","timestamp":1789220642,"size":1,"records":1,"copyright":"…","terms":"…"}
//!
//! ; Spamhaus DROP List 2024/09/12 - (c) 2024 The Spamhaus Project
//! 192.0.2.0/24 ; SBL1
//! ```
//!
//! The text is the plain format. The list of AS numbers (`asndrop.json`) is refused: it holds no ranges.
//! Source: <https://www.spamhaus.org/blocklists/do-not-route-or-peer/>.

use serde::Deserialize;

use super::{address::span, collect::Collector, date, lines::lines, plain, rejected::Reason};

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    cidr: Option<&'a str>,
    #[serde(borrow)]
    r#type: Option<&'a str>,
    timestamp: Option<u64>,
    asn: Option<u64>,
}

/// Reads a file of either form.
pub fn read(text: &[u8], found: &mut Collector) {
    if !text.trim_ascii_start().starts_with(b"{") {
        return plain::read(text, found);
    }
    for (line, text) in lines(text) {
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        match serde_json::from_slice(text) {
            Ok(Record { cidr: Some(cidr), .. }) => found.take(line, text, span(cidr.as_bytes())),
            Ok(Record { r#type: Some("metadata"), timestamp, .. }) => {
                found.dated(timestamp.and_then(date::of_seconds));
            }
            Ok(Record { asn: Some(_), .. }) => {
                found.reject(line, text, Reason::Why("is an AS number, not a range"));
            }
            Ok(Record { .. }) => found.reject(line, text, Reason::Why("has no cidr")),
            Err(_) => found.reject(line, text, Reason::Why("is no JSON object of a DROP list")),
        }
    }
}
