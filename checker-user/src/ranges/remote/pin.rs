//! The SHA-256 that a list must have, when the user knows it.

use std::{fmt, str::FromStr};

use anyhow::ensure;
use serde::{Deserialize, Serialize};

use crate::{printable::printable, ranges::parse::hex};

/// 64 hexadecimal digits, as `sha256sum` prints them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin(pub [u8; 32]);

impl Pin {
    /// Whether this is the list that is meant; the end of a sentence that begins with its path if it is not.
    ///
    /// # Errors
    ///
    /// When it is another one.
    pub fn check(pin: Option<&Self>, sha256: &[u8; 32]) -> Result<(), String> {
        match pin {
            Some(pin) if pin.0 != *sha256 => {
                Err(format!("is not the list that is pinned: its sha256 is {}, not {pin}", hex(sha256)))
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for Pin {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut valid = rest.is_empty() && pairs.len() == bytes.len();
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => *byte = (high << 4 | low) as u8,
                _ => valid = false,
            }
        }
        ensure!(valid, "\"{}\" is no sha256; it has 64 hexadecimal digits", printable(text));
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Pin {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Pin> for String {
    fn from(pin: Pin) -> Self {
        pin.to_string()
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_sha256sum_prints() {
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let pin: Pin = text.parse().unwrap();
        assert_eq!((pin.to_string(), text.to_uppercase().parse::<Pin>().unwrap()), (text.into(), pin));
        assert!(Pin::check(Some(&pin), &pin.0).is_ok() && Pin::check(None, &[0; 32]).is_ok());
        let why = Pin::check(Some(&pin), &[0; 32]).unwrap_err();
        assert!(why.ends_with(&format!("its sha256 is {}, not {text}", "00".repeat(32))), "{why}");
        for bad in
            ["", "ba78", &text[1..], &format!("{text}0"), &text.replace('b', "x"), &text.replace('b', "é")]
        {
            assert!(bad.parse::<Pin>().is_err(), "{bad}");
        }
    }
}
