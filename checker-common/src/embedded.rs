//! IPv4 addresses inside IPv6 ones. A list of IPv4 ranges must not be escaped by writing the address differently.

use crate::{nat64::Nat64, packet::Octets};

/// How an address was carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Via {
    /// In the header field itself.
    Plain = 0,
    /// IPv4-mapped, `::ffff:0:0/96` (RFC 4291 clause 2.5.5.2).
    Mapped = 1,
    /// 6to4, `2002::/16` (RFC 3056).
    SixToFour = 2,
    /// NAT64 (RFC 6052): the well-known prefix or a configured one.
    Nat64 = 3,
    /// Teredo (RFC 4380): the server, or the client whose bits are inverted.
    Teredo = 4,
    /// ISATAP (RFC 5214 clause 6.1): in the interface identifier.
    Isatap = 5,
}

impl Via {
    /// Reads a record's value.
    #[must_use]
    pub const fn from_value(value: u8) -> Option<Self> {
        Some(match value {
            0 => Self::Plain,
            1 => Self::Mapped,
            2 => Self::SixToFour,
            3 => Self::Nat64,
            4 => Self::Teredo,
            5 => Self::Isatap,
            _ => return None,
        })
    }

    /// Name in alerts; `None` for the header field itself.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Plain => return None,
            Self::Mapped => "mapped",
            Self::SixToFour => "6to4",
            Self::Nat64 => "nat64",
            Self::Teredo => "teredo",
            Self::Isatap => "isatap",
        })
    }
}

/// Most IPv4 addresses in one IPv6 address: Teredo has two, and ISATAP can stand behind any prefix of 64 bits.
pub const MOST: u32 = 2;

/// The `index`-th IPv4 address inside `address`.
#[must_use]
#[inline(always)]
pub fn embedded(address: &Octets, index: u32, nat64: &Nat64) -> Option<(Via, [u8; 4])> {
    let number = u128::from_be_bytes(address.0);
    let (high, low) = ((number >> 64) as u64, number as u64);
    let (via, found) = if index == 0 { first(high, low, nat64)? } else { second(high, low)? };
    Some((via, found.to_be_bytes()))
}

#[inline(always)]
fn first(high: u64, low: u64, nat64: &Nat64) -> Option<(Via, u32)> {
    if is_teredo(high) {
        Some((Via::Teredo, high as u32))
    } else if high >> 48 == 0x2002 {
        Some((Via::SixToFour, (high >> 16) as u32))
    } else if high == 0 && low >> 32 == 0x0000_ffff {
        Some((Via::Mapped, low as u32))
    } else {
        nat64.address(high, low).map(|found| (Via::Nat64, found))
    }
}

#[inline(always)]
fn second(high: u64, low: u64) -> Option<(Via, u32)> {
    if is_teredo(high) {
        Some((Via::Teredo, !low as u32))
    } else if is_isatap(low) {
        Some((Via::Isatap, low as u32))
    } else {
        None
    }
}

/// Whether there is any IPv4 address in it.
#[must_use]
#[inline(always)]
pub fn any(address: &Octets, nat64: &Nat64) -> bool {
    embedded(address, 0, nat64).is_some() || embedded(address, 1, nat64).is_some()
}

/// `2001::/32`.
#[inline(always)]
const fn is_teredo(high: u64) -> bool {
    high >> 32 == 0x2001_0000
}

/// `0000:5efe`, or `0200:5efe` for a global IPv4 address.
#[inline(always)]
const fn is_isatap(low: u64) -> bool {
    matches!(low >> 32, 0x0000_5efe | 0x0200_5efe)
}

#[cfg(test)]
mod tests {
    use core::net::{Ipv4Addr, Ipv6Addr};

    use super::*;
    use crate::nat64::Prefix;

    fn all(address: &str, nat64: &Nat64) -> [Option<(Via, Ipv4Addr)>; 2] {
        let address = Octets(address.parse::<Ipv6Addr>().unwrap().octets());
        [0, 1].map(|index| embedded(&address, index, nat64).map(|(via, found)| (via, found.into())))
    }

    #[test]
    fn each_form_gives_its_address() {
        let v4 = Ipv4Addr::new(203, 0, 113, 1);
        let client = Ipv4Addr::new(192, 0, 2, 45);
        for (text, expected) in [
            ("::ffff:203.0.113.1", [Some((Via::Mapped, v4)), None]),
            ("2002:cb00:7101::1", [Some((Via::SixToFour, v4)), None]),
            ("64:ff9b::203.0.113.1", [Some((Via::Nat64, v4)), None]),
            // The server is 203.0.113.1; the client's bits are inverted: the example form of RFC 4380 clause 4.
            ("2001:0:cb00:7101:8000:63bf:3fff:fdd2", [Some((Via::Teredo, v4)), Some((Via::Teredo, client))]),
            ("2001:db8::5efe:203.0.113.1", [None, Some((Via::Isatap, v4))]),
            ("fe80::200:5efe:203.0.113.1", [None, Some((Via::Isatap, v4))]),
            ("2002:c000:22d::5efe:203.0.113.1", [Some((Via::SixToFour, client)), Some((Via::Isatap, v4))]),
            ("2001:db8::203.0.113.1", [None, None]),
            ("::203.0.113.1", [None, None]),
            ("64:ff9b:1::203.0.113.1", [None, None]),
            ("::1", [None, None]),
        ] {
            assert_eq!(all(text, &Nat64::WELL_KNOWN), expected, "{text}");
        }
    }

    /// The table of RFC 6052 clause 2.4.
    #[test]
    fn a_configured_prefix_of_each_length_gives_its_address() {
        let v4 = Ipv4Addr::new(192, 0, 2, 33);
        for (prefix, length, address) in [
            ("2001:db8::", 32, "2001:db8:c000:221::"),
            ("2001:db8:100::", 40, "2001:db8:1c0:2:21::"),
            ("2001:db8:122::", 48, "2001:db8:122:c000:2:2100::"),
            ("2001:db8:122:300::", 56, "2001:db8:122:3c0:0:221::"),
            ("2001:db8:122:344::", 64, "2001:db8:122:344:c0:2:2100::"),
            ("2001:db8:122:344::", 96, "2001:db8:122:344::192.0.2.33"),
        ] {
            let prefix = Prefix::new(prefix.parse().unwrap(), length).unwrap();
            let nat64 = Nat64::with(&[prefix]).unwrap();
            assert_eq!(all(address, &nat64)[0], Some((Via::Nat64, v4)), "/{length}");
            assert_eq!(all(address, &Nat64::WELL_KNOWN)[0], None, "/{length}");
            assert_eq!(all("64:ff9b::192.0.2.33", &nat64)[0], Some((Via::Nat64, v4)));
        }
    }
}
