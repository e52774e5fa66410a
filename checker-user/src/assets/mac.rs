//! Text → hardware address, in the spellings that people and their tools use; and the one that an IPv6 address holds.

use std::net::IpAddr;

use crate::alerts::mac::Mac;

/// Reads `3c:ec:ef:01:02:03`, `3C-EC-EF-01-02-03`, `3cec.ef01.0203` or `3cecef010203`.
#[must_use]
pub fn read(text: &str) -> Option<Mac> {
    let (separator, digits) = match text.len() {
        17 if text.contains(':') => (":", 2),
        17 => ("-", 2),
        14 => (".", 4),
        12 => ("", 12),
        _ => return None,
    };
    let groups: Vec<_> = if separator.is_empty() { vec![text] } else { text.split(separator).collect() };
    if groups.iter().any(|group| group.len() != digits || !group.bytes().all(|c| c.is_ascii_hexdigit())) {
        return None;
    }
    let number = u64::from_str_radix(&groups.concat(), 16).ok()?;
    let [_, _, octets @ ..] = number.to_be_bytes();
    Some(Mac(octets))
}

/// Whether one machine can have the address: it is neither a group's nor all zeros.
#[must_use]
pub const fn is_of_a_machine(mac: Mac) -> bool {
    let [first, ..] = mac.0;
    first & 1 == 0 && !matches!(mac.0, [0, 0, 0, 0, 0, 0])
}

/// The hardware address that an IPv6 address was made of: a modified EUI-64 with `ff:fe` in its middle and the
/// universal/local bit turned over (RFC 4291, appendix A).
#[must_use]
pub fn of_eui64(address: IpAddr) -> Option<Mac> {
    let IpAddr::V6(address) = address else { return None };
    let [.., a, b, c, 0xff, 0xfe, d, e, f] = address.octets() else { return None };
    Some(Mac([a ^ 2, b, c, d, e, f])).filter(|mac| is_of_a_machine(*mac))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_is_the_same_address() {
        for text in
            ["3c:ec:ef:01:02:03", "3C-EC-EF-01-02-03", "3cec.ef01.0203", "3CECEF010203", "3C:ec:eF:01:02:03"]
        {
            assert_eq!(read(text), Some(Mac([0x3c, 0xec, 0xef, 1, 2, 3])), "{text}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "3c:ec:ef:01:02",
            "3c:ec:ef:01:02:03:04",
            "3c:ec:ef:1:2:3",
            "3c:ec-ef:01:02:03",
            "3c:ec:ef:01:02:0g",
            "3cec.ef01.02o3",
            "+cecef010203",
            "3c.ec.ef.01.02.03",
            "3.00E+11",
            "3c ec ef 01 02 03",
            "ü:ec:ef:01:02:03",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_ipv6_address_may_hold_one() {
        let of = |text: &str| of_eui64(text.parse().unwrap());
        assert_eq!(of("2001:db8::3eec:efff:fe01:203"), Some(Mac([0x3c, 0xec, 0xef, 1, 2, 3])));
        assert_eq!(of("fe80::5eff:fe10:1"), Some(Mac([2, 0, 0x5e, 0x10, 0, 1])));
        assert_eq!(of("fe80::300:ff:fe00:1"), None, "of a group");
        assert_eq!(of("2001:db8::200:ff:fe00:0"), None, "all zeros");
        assert_eq!(of("2001:db8::1"), None);
        assert_eq!(of("192.0.2.1"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(octets in any::<[u8; 6]>()) {
            let text = Mac(octets).to_string();
            prop_assert_eq!(read(&text), Some(Mac(octets)));
            prop_assert_eq!(read(&text.replace(':', "").to_uppercase()), Some(Mac(octets)));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,20}") {
            let _ = read(&text);
        }
    }
}
