//! A hardware address in the one form that it has in everything that is written.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// A hardware address: lower-case, with colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Its text.
    fn text(self) -> [u8; 17] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b':'; 17];
        for (two, octet) in text.chunks_mut(3).zip(self.0) {
            two[0] = DIGITS[usize::from(octet >> 4)];
            two[1] = DIGITS[usize::from(octet & 15)];
        }
        text
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Mac {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(str::from_utf8(&self.text()).map_err(<S::Error as ser::Error>::custom)?)
    }
}

impl<'de> Deserialize<'de> for Mac {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut octets = [0; 6];
        let mut parts = text.split(':');
        for octet in &mut octets {
            let part =
                parts.next().ok_or_else(|| <D::Error as de::Error>::custom("a MAC address has six parts"))?;
            *octet = u8::from_str_radix(part, 16).map_err(<D::Error as de::Error>::custom)?;
        }
        Ok(Self(octets))
    }
}
