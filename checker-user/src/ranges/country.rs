//! A country as registries and databases write it: an ISO 3166-1 alpha-2 code, or one of their own (`EU`, `ZZ`).

use std::{fmt, str::FromStr};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::printable::printable;

/// Two capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// Reads a code in either case; `None` for anything that is not two letters.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let code: [u8; 2] = text.try_into().ok()?;
        code.iter().all(u8::is_ascii_alphabetic).then(|| Self(code.map(|letter| letter.to_ascii_uppercase())))
    }
}

impl FromStr for Country {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown = printable(text);
        Self::read(text.as_bytes())
            .with_context(|| format!("\"{shown}\" is no country code; a country code has two letters, as CN"))
    }
}

impl TryFrom<String> for Country {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.to_string()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.map(char::from).iter().collect::<String>())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_two_letters_in_either_case() {
        assert_eq!("cn".parse::<Country>().unwrap().to_string(), "CN");
        for text in ["", "C", "CHN", "C1", "ü"] {
            let error = text.parse::<Country>().unwrap_err().to_string();
            assert!(error.ends_with("a country code has two letters, as CN"), "{error}");
        }
    }

    #[test]
    fn reading_one_back_checks_it_again() {
        let country: Country = serde_json::from_str("\"ir\"").unwrap();
        assert_eq!(serde_json::to_string(&country).unwrap(), "\"IR\"");
        assert!(serde_json::from_str::<Country>("\"Iran\"").is_err());
    }
}
