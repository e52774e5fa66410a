//! How grave it is to meet a list: 1 is the highest, as EVE counts.

use std::fmt;

use anyhow::ensure;
use serde::{Deserialize, Serialize};

/// 1, 2 or 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Severity(u8);

impl Severity {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl Default for Severity {
    fn default() -> Self {
        Self(2)
    }
}

impl TryFrom<u8> for Severity {
    type Error = anyhow::Error;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        ensure!((1..=3).contains(&number), "severity is 1 (highest), 2 or 3");
        Ok(Self(number))
    }
}

impl From<Severity> for u8 {
    fn from(severity: Severity) -> Self {
        severity.0
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
