//! Objects of a routing registry, as RIRs and IRRs publish them and whois prints them:
//!
//! ```text
//! inetnum:        192.0.2.0 - 192.0.2.255
//! country:        IR
//! descr:          Somebody
//! +               continued
//!
//! route6:         2001:db8::/32
//! origin:         AS64500
//! ```
//!
//! `inetnum` and `inet6num` are of the countries that they name; `route` and `route6` name none, so they are taken
//! only where no country is chosen. All other objects are skipped. Objects end at an empty line; a line that begins
//! with a blank or `+` goes on with the one before it; `%` and `#` begin comments. The text may be Latin-1. One object
//! at a time is in memory. Format: RFC 2622, RFC 4012.

use super::{
    address::{Span, prefix, span},
    collect::Collector,
    date,
    lines::lines,
    rejected::Reason,
};
use crate::ranges::country::Country;

/// Longest value that is looked at, in bytes: two IPv6 addresses have far less.
const LONGEST: usize = 256;

/// Most countries of one object.
const MOST_COUNTRIES: usize = 32;

/// What is known of the object so far.
#[derive(Default)]
struct Object {
    /// The line of its first attribute; 0 before there is one.
    line: u32,
    class: Option<Class>,
    range: Vec<u8>,
    countries: Vec<Vec<u8>>,
    /// What a continuation line goes on with.
    last: Attribute,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `a - b`.
    Inetnum,
    /// A prefix.
    Inet6num,
    /// A prefix that is announced: `route`, `route6`.
    Route,
}

#[derive(Clone, Copy, Default)]
enum Attribute {
    Range,
    Country,
    #[default]
    Other,
}

/// Reads the objects of a file.
pub fn read(text: &[u8], found: &mut Collector) {
    let mut object = Object::default();
    for (line, text) in lines(text) {
        match text {
            [b'%' | b'#', ..] => found.dated(date::of_comment(text)),
            [b'+', more @ ..] => object.go_on(more),
            blank if blank.trim_ascii().is_empty() => std::mem::take(&mut object).finish(found),
            [b' ' | b'\t', ..] => object.go_on(text),
            attribute => object.begin(attribute, line, found),
        }
    }
    object.finish(found);
}

impl Object {
    fn begin(&mut self, text: &[u8], line: u32, found: &mut Collector) {
        let Some(colon) = memchr::memchr(b':', text) else {
            return found.reject(line, text, Reason::Why("is no attribute of an object"));
        };
        let (name, value) = (&text[..colon], &text[colon + 1..]);
        self.last = Attribute::Other;
        if self.line == 0 {
            self.line = line;
            self.class = match name.to_ascii_lowercase().as_slice() {
                b"inetnum" => Some(Class::Inetnum),
                b"inet6num" => Some(Class::Inet6num),
                b"route" | b"route6" => Some(Class::Route),
                _ => None,
            };
            self.last = Attribute::Range;
        } else if name.eq_ignore_ascii_case(b"country") && self.countries.len() < MOST_COUNTRIES {
            self.countries.push(Vec::new());
            self.last = Attribute::Country;
        }
        self.go_on(value);
    }

    fn go_on(&mut self, value: &[u8]) {
        let end = memchr::memchr(b'#', value).unwrap_or(value.len());
        let into = match (self.last, self.countries.last_mut()) {
            (Attribute::Range, _) if self.class.is_some() => &mut self.range,
            (Attribute::Country, Some(country)) => country,
            (Attribute::Range | Attribute::Country | Attribute::Other, _) => return,
        };
        let room = LONGEST.saturating_sub(into.len());
        into.extend(value[..end].iter().take(room));
    }

    fn finish(self, found: &mut Collector) {
        let text = self.range.trim_ascii();
        let span = match self.class {
            None => return,
            Some(Class::Inetnum) => span(text),
            Some(Class::Inet6num | Class::Route) => prefix(text).map(Span::Net),
        };
        if span.is_err() {
            return found.take(self.line, text, span);
        }
        let mut countries: Vec<_> =
            self.countries.iter().map(|code| Country::read(code.trim_ascii())).collect();
        if countries.is_empty() {
            // What is registered for nobody in particular is of no country, but its format names them.
            if self.class == Some(Class::Route) || !found.is_whole() {
                countries.push(None);
            }
        }
        countries.sort_unstable();
        countries.dedup();
        // With one label for all countries a range of two of them is one range.
        let mut kept = None;
        for country in countries {
            if found.enter(country, self.line) && found.bin() != kept {
                kept = found.bin();
                found.take(self.line, text, span);
            }
        }
    }
}
