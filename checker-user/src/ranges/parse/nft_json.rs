//! Sets of nftables as `nft -j list` prints them:
//!
//! ```text
//! {"nftables": [{"metainfo": {…}}, {"set": {"name": "r", "type": "ipv4_addr", "elem": [
//!   "192.0.2.7", {"prefix": {"addr": "198.51.100.0", "len": 24}}, {"range": ["203.0.113.1", "203.0.113.9"]},
//!   {"elem": {"val": "192.0.2.8", "timeout": 300}}]}}]}
//! ```
//!
//! Elements of every named set are taken; addresses in rules are not. Format: libnftables-json(5).

use std::fmt;

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    address::{Span, address, prefix, range, span},
    collect::Collector,
    json::{Place, not_json},
    rejected::Reason,
};

/// Reads a file.
pub fn read(text: &[u8], found: &mut Collector) {
    let mut place = Place::new(text);
    let mut json = serde_json::Deserializer::from_slice(text);
    let walk = Walk { place: &mut place, found, level: Level::Outside };
    if let Err(error) = walk.deserialize(&mut json).and_then(|()| json.end()) {
        found.refuse(not_json(&error));
    }
}

/// Where in the nested objects a walk is.
#[derive(Clone, Copy)]
enum Level {
    /// Above the sets.
    Outside,
    /// In the object of a set.
    Set,
    /// In the elements of a set.
    Elements,
}

#[derive(Deserialize)]
struct Prefix<'a> {
    addr: &'a str,
    len: u8,
}

struct Walk<'w, 'a> {
    place: &'w mut Place<'a>,
    found: &'w mut Collector,
    level: Level,
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
        f.write_str("an element of a set")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { place, found, level } = self;
        while items.next_element_seed(Walk { place, found, level })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { place, found, level } = self;
        while let Some(key) = members.next_key::<&str>()? {
            let line = place.line_of(key);
            let inner = match (level, key) {
                (Level::Outside, "nftables") => Level::Outside,
                (Level::Outside, "set") => Level::Set,
                (Level::Set, "elem") => Level::Elements,
                (Level::Elements, "elem" | "val") => Level::Elements,
                (Level::Elements, "prefix") => {
                    let Prefix { addr, len } = members.next_value()?;
                    let text = format!("{addr}/{len}");
                    found.take(line, text.as_bytes(), prefix(text.as_bytes()).map(Span::Net));
                    continue;
                }
                (Level::Elements, "range") => {
                    let (first, last): (&str, &str) = members.next_value()?;
                    let ends = [first, last].map(|end| address(end.as_bytes()));
                    let span = match ends {
                        [Some(first), Some(last)] => range(first, last),
                        [None, _] | [_, None] => Err(Reason::NotARange),
                    };
                    found.take(line, format!("{first}-{last}").as_bytes(), span);
                    continue;
                }
                (Level::Elements, "timeout" | "expires" | "comment" | "counter")
                | (Level::Outside | Level::Set, _) => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
                (Level::Elements, other) => {
                    found.reject(line, other.as_bytes(), Reason::Why("is no element that is a range"));
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            members.next_value_seed(Walk { place, found, level: inner })?;
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        let line = self.place.line_of(text);
        match self.level {
            Level::Elements => self.found.take(line, text.as_bytes(), span(text.as_bytes())),
            Level::Outside | Level::Set => {}
        }
        Ok(())
    }

    /// Ports and marks.
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        let line = self.place.line_of("");
        self.found.reject(line, number.to_string().as_bytes(), Reason::NotARange);
        Ok(())
    }
}
