//! Text → address, prefix or range. An address is what the standard library takes for one, no more and no less:
//! guessing is how a watcher watches the wrong addresses. Octets with leading zeros are refused (some read them as
//! octal), and so are host names, which are never resolved.

use std::{
    net::{IpAddr, Ipv4Addr},
    str,
};

use ipnet::{IpNet, Ipv4Net};

use super::rejected::Reason;

/// What a list says in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// A prefix, perhaps with host bits.
    Net(IpNet),
    /// All addresses from the first to the last.
    Range(IpAddr, IpAddr),
}

/// An address.
#[must_use]
pub fn address(text: &[u8]) -> Option<IpAddr> {
    match dotted(text) {
        Some((bits, at)) if at == text.len() => Some(IpAddr::V4(bits.into())),
        // Dotted quads are IPv4 and nothing else.
        _ if !text.contains(&b':') => None,
        _ => str::from_utf8(text).ok()?.parse().ok(),
    }
}

/// An address or a prefix; the length of an IPv4 one may be a netmask.
///
/// # Errors
///
/// Why it is neither.
pub fn prefix(text: &[u8]) -> Result<IpNet, Reason> {
    let Some(slash) = memchr::memchr(b'/', text) else {
        return address(text).map(IpNet::from).ok_or_else(|| no_address(text));
    };
    let addr = address(&text[..slash]).ok_or_else(|| no_address(&text[..slash]))?;
    let len = &text[slash + 1..];
    if let (IpAddr::V4(v4), Some(mask)) = (addr, address(len)) {
        let IpAddr::V4(mask) = mask else { return Err(Reason::NotARange) };
        return Ipv4Net::with_netmask(v4, mask).map(IpNet::V4).map_err(|_| NETMASK);
    }
    let len = number(len).and_then(|len| u32::try_from(len).ok()).ok_or(Reason::NotARange)?;
    let max = if addr.is_ipv4() { 32 } else { 128 };
    let too_long = Reason::PrefixTooLong { len, max };
    IpNet::new(addr, u8::try_from(len).map_err(|_| too_long)?).map_err(|_| too_long)
}

/// An address, a prefix, or two of them with `-` between: from the first address of one to the last of the other.
///
/// # Errors
///
/// Why it is none of them.
pub fn span(text: &[u8]) -> Result<Span, Reason> {
    let Some(dash) = memchr::memchr(b'-', text) else {
        return prefix(text).map(Span::Net);
    };
    let ends = [&text[..dash], &text[dash + 1..]].map(|end| prefix(end.trim_ascii()));
    let [Ok(first), Ok(last)] = ends else {
        return Err(no_address(text));
    };
    range(first.network(), last.broadcast())
}

/// All addresses from one to another.
///
/// # Errors
///
/// When they are of two families, or the last is before the first.
pub fn range(first: IpAddr, last: IpAddr) -> Result<Span, Reason> {
    if first.is_ipv4() != last.is_ipv4() {
        return Err(Reason::Why("mixes IPv4 and IPv6"));
    }
    if last < first {
        return Err(Reason::Why("ends before it begins"));
    }
    Ok(Span::Range(first, last))
}

/// A decimal number as people write one: no sign, no leading zero.
#[must_use]
pub fn number(text: &[u8]) -> Option<u128> {
    let plain = text.iter().all(u8::is_ascii_digit) && (text == b"0" || !text.starts_with(b"0"));
    plain.then(|| str::from_utf8(text).ok()?.parse().ok())?
}

/// The dotted quad at the beginning of a text, and how many bytes it has.
#[must_use]
pub fn dotted(text: &[u8]) -> Option<(u32, usize)> {
    let mut bits = 0;
    let mut at = 0;
    for part in 0..4 {
        if part > 0 {
            if text.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let begin = at;
        let mut octet = 0_u32;
        while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            octet = octet * 10 + u32::from(digit);
            at += 1;
            if at - begin > 3 {
                return None;
            }
        }
        let zero = at - begin > 1 && text[begin] == b'0';
        if at == begin || octet > 255 || zero {
            return None;
        }
        bits = bits << 8 | octet;
    }
    Some((bits, at))
}

/// The last resort of formats that write octets with leading zeros and mean decimal: `001.009.096.105`.
#[must_use]
pub fn padded(text: &[u8]) -> Option<IpAddr> {
    let mut octets = [0; 4];
    let mut parts = text.split(|byte| *byte == b'.');
    for octet in &mut octets {
        let part = parts.next().filter(|part| (1..=3).contains(&part.len()))?;
        let digits = part.iter().all(u8::is_ascii_digit);
        *octet = digits.then(|| str::from_utf8(part).ok()?.parse().ok())??;
    }
    parts.next().is_none().then(|| IpAddr::V4(Ipv4Addr::from(octets)))
}

const NETMASK: Reason = Reason::Why("has a netmask with holes");

/// What is wrong with a text that is no address.
fn no_address(text: &[u8]) -> Reason {
    let name = text.contains(&b'.')
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && text
            .rsplit(|byte| *byte == b'.')
            .find(|label| !label.is_empty())
            .is_some_and(|label| label.first().is_some_and(u8::is_ascii_alphabetic));
    if name { Reason::Why("is a host name; names are never resolved") } else { Reason::NotARange }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Span, Reason> {
        span(text.as_bytes())
    }

    fn between(first: &str, last: &str) -> Result<Span, Reason> {
        Ok(Span::Range(first.parse().unwrap(), last.parse().unwrap()))
    }

    #[test]
    fn prefixes_netmasks_and_ranges() {
        let net = |text: &str| Ok(Span::Net(text.parse().unwrap()));
        assert_eq!(read("192.0.2.7"), net("192.0.2.7/32"));
        assert_eq!(read("192.0.2.0/24"), net("192.0.2.0/24"));
        assert_eq!(read("192.0.2.0/255.255.255.0"), net("192.0.2.0/24"));
        assert_eq!(read("192.0.2.0/0.0.0.0"), net("192.0.2.0/0"));
        assert_eq!(read("2001:db8::/32"), net("2001:db8::/32"));
        assert_eq!(read("192.0.2.1-192.0.2.9"), between("192.0.2.1", "192.0.2.9"));
        assert_eq!(read("192.0.2.1 - 192.0.2.9"), between("192.0.2.1", "192.0.2.9"));
        assert_eq!(read("2001:db8::1 -2001:db8::9"), between("2001:db8::1", "2001:db8::9"));
        assert_eq!(read("192.0.2.0/25-192.0.3.0/24"), between("192.0.2.0", "192.0.3.255"));
        assert_eq!(read("192.0.2.77/25-192.0.3.77/24"), between("192.0.2.0", "192.0.3.255"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, reason) in [
            ("192.0.2.9-192.0.2.1", Reason::Why("ends before it begins")),
            ("192.0.2.9-2001:db8::", Reason::Why("mixes IPv4 and IPv6")),
            ("192.0.2.0/255.0.255.0", NETMASK),
            ("192.0.2.0/0.0.0.255", NETMASK),
            ("192.0.2.0/33", Reason::PrefixTooLong { len: 33, max: 32 }),
            ("192.0.2.0/99999999999", Reason::NotARange),
            ("example.org", Reason::Why("is a host name; names are never resolved")),
            ("a-b.example.org.", Reason::Why("is a host name; names are never resolved")),
            ("192.0.2.0/::", Reason::NotARange),
            ("2001:db8::/255.255.0.0", Reason::NotARange),
            ("192.0.2.1-", Reason::NotARange),
            ("192.0.2.1-9", Reason::NotARange),
            ("192.0.02.1", Reason::NotARange),
            ("1", Reason::NotARange),
            ("", Reason::NotARange),
        ] {
            assert_eq!(read(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn padded_octets_are_decimal() {
        assert_eq!(padded(b"001.009.096.105"), Some("1.9.96.105".parse().unwrap()));
        assert_eq!(padded(b"010.0.0.1"), Some("10.0.0.1".parse().unwrap()));
        for text in ["256.0.0.1", "1.2.3", "1.2.3.4.5", "0001.2.3.4", "1..2.3", "+1.2.3.4"] {
            assert_eq!(padded(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_address_is_what_the_standard_library_takes_for_one(
            text in prop_oneof!["[0-9.]{0,16}", "[0-9a-f:.]{0,30}", "([0-9]{1,3}\\.){3}[0-9]{1,4}", any::<String>()]
        ) {
            prop_assert_eq!(address(text.as_bytes()), text.parse().ok());
        }

        #[test]
        fn every_address_is_read_back(v4 in any::<Ipv4Addr>(), v6 in any::<std::net::Ipv6Addr>()) {
            prop_assert_eq!(address(v4.to_string().as_bytes()), Some(v4.into()));
            prop_assert_eq!(address(v6.to_string().as_bytes()), Some(v6.into()));
        }

        #[test]
        fn no_bytes_make_it_panic(text in any::<Vec<u8>>()) {
            let _ = (span(&text), padded(&text));
        }
    }
}
