//! What the user calls a list. It stands in alerts, in counters, in file names and before the `=` of
//! `LABEL=PATH`, so it must be one short word that shows as itself everywhere.

use std::{fmt, str::FromStr, sync::Arc};

use anyhow::ensure;
use serde::{Deserialize, Serialize};

use crate::printable::printable;

/// A valid label: 1 to 64 bytes of UTF-8, printable, without blanks, `=` and `/`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(Arc<str>);

impl Label {
    /// Longest label, in bytes.
    pub const MAX_BYTES: usize = 64;

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown = printable(text);
        ensure!(
            (1..=Self::MAX_BYTES).contains(&text.len())
                && shown == text
                && !text.contains(|c: char| c.is_whitespace() || c == '=' || c == '/'),
            "\"{shown}\" cannot be a label: a label has 1 to {} bytes, all printable, and no blank, \"=\" or \"/\"",
            Self::MAX_BYTES
        );
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for Label {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.as_str().to_owned()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_people_use_are_valid() {
        for text in ["CN", "D:5", "acme-embargo", "x", "Größe", "a\\b", &"a".repeat(64)] {
            assert_eq!(text.parse::<Label>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_that_would_not_show_as_one_word_is_not() {
        for text in ["", "a b", "a\tb", "a=b", "a/b", "a\x1b[1m", "a\u{202e}b", "a\u{a0}b", &"a".repeat(65)] {
            assert!(text.parse::<Label>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_reason_is_one_line_and_shows_the_text_escaped() {
        let reason = "a\nb".parse::<Label>().unwrap_err().to_string();
        assert_eq!(
            reason,
            r#""a\nb" cannot be a label: a label has 1 to 64 bytes, all printable, and no blank, "=" or "/""#
        );
    }

    #[test]
    fn reading_one_back_checks_it_again() {
        let label: Label = serde_json::from_str(r#""ONE""#).unwrap();
        assert_eq!(serde_json::to_string(&label).unwrap(), r#""ONE""#);
        assert!(serde_json::from_str::<Label>(r#""O NE""#).is_err());
    }
}
