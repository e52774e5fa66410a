//! Any JSON: every string that is a prefix, an address or a range, wherever it stands. That reads the ranges of AWS
//! (`ip_prefix`, `ipv6_prefix`), of Google (`ipv4Prefix`), Azure's service tags (`addressPrefixes`), bgpq4's `-j` and
//! plain arrays. Whoever wants a part of a file takes it out with jq first.
//!
//! Other strings are no rejects: a JSON file is full of them. The text is walked and not kept, so a hostile one takes
//! no more memory than its ranges.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{address::span, collect::Collector, date};

/// Keys whose value is the day of the file, at AWS and Google.
const DATES: [&str; 2] = ["createDate", "creationTime"];

/// Reads one value, or several one after the other (JSON lines).
pub fn read(text: &[u8], found: &mut Collector) {
    let mut place = Place::new(text);
    let mut json = serde_json::Deserializer::from_slice(text);
    loop {
        let walk = Walk { place: &mut place, found, date: false };
        if let Err(error) = walk.deserialize(&mut json) {
            return found.refuse(not_json(&error));
        }
        if json.end().is_ok() {
            return;
        }
    }
}

/// The end of a sentence that says where JSON ends to be JSON.
pub(super) fn not_json(error: &serde_json::Error) -> String {
    format!("is not valid JSON at line {}, column {}", error.line(), error.column())
}

/// How far a text was read. Places only go forward, so each byte is looked at once.
pub(super) struct Place<'a> {
    text: &'a [u8],
    line: u32,
    at: usize,
}

impl<'a> Place<'a> {
    /// The beginning of a text.
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { text, line: 1, at: 0 }
    }

    /// The line of a part of the text.
    pub(super) fn line_of(&mut self, part: &str) -> u32 {
        let at = part.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        // What had escapes was copied out of the text; its line is about that of the string before it.
        if let Some(between) = self.text.get(self.at..at) {
            self.line += memchr::memchr_iter(b'\n', between).count() as u32;
            self.at = at;
        }
        self.line
    }
}

/// Walks one value.
struct Walk<'w, 'a> {
    place: &'w mut Place<'a>,
    found: &'w mut Collector,
    /// It is the value of a key that tells the day.
    date: bool,
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        let line = self.place.line_of(text);
        if self.date {
            self.found.dated(date::of_text(text.as_bytes()));
        } else if let Ok(span) = span(text.as_bytes()) {
            self.found.add_span(span, line);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { place, found, .. } = self;
        while items.next_element_seed(Walk { place, found, date: false })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { place, found, .. } = self;
        while let Some(key) = members.next_key::<String>()? {
            let date = DATES.contains(&key.as_str());
            members.next_value_seed(Walk { place, found, date })?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
