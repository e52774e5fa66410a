//! When: the one form that times have in everything that is written.

use std::fmt;

use arrayvec::ArrayString;
use jiff::{
    Timestamp,
    fmt::{StdFmtWrite, temporal::DateTimePrinter},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// A point in time: RFC 3339, UTC, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
        // What `Display` prints, without its machinery and on the stack: an alert has three of them.
        let mut text = ArrayString::<{ "-009999-11-25T10:00:00.000000Z".len() }>::new();
        PRINTER.print_timestamp(&self.0, StdFmtWrite(&mut text)).map_err(<S::Error as ser::Error>::custom)?;
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(<D::Error as de::Error>::custom)
    }
}
