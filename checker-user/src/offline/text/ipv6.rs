//! One IPv6 address in a text, found by one of its colons.
//!
//! Colons are also in times of day, MAC addresses, fingerprints, `key:value` and `std::string`. So the whole stretch
//! of groups around the colon is read, and only one that is an address from end to end counts.

use std::net::Ipv6Addr;

use memchr::memrchr;

use super::ipv4;

/// Groups of an address, and one more that makes it too long.
const MOST_GROUPS: usize = 9;

/// The address in whose groups the colon at `colon` stands, with where it begins and where the byte behind it is.
///
/// # Errors
///
/// Where to look on when there is none: no mark before that place is in an address.
pub fn around(text: &[u8], colon: usize) -> Result<(usize, usize, Ipv6Addr), usize> {
    let start = begin(text, colon).ok_or(colon + 1)?;
    let end = end(text, start, colon)?;
    // The colon is not the address's own, but one behind it.
    if end <= colon {
        return Err(colon + 1);
    }
    let groups = &text[start..end];
    let addr = str::from_utf8(groups).ok().and_then(|groups| groups.parse().ok());
    let addr = addr.filter(|_| !is_name(groups) && !is_eui64(groups));
    // The last part may still be an IPv4 address.
    addr.map(|addr| (start, end, addr)).ok_or_else(|| start + memrchr(b':', groups).unwrap_or(0) + 1)
}

/// Goes back group by group to where the stretch begins.
fn begin(text: &[u8], colon: usize) -> Option<usize> {
    let mut at = colon;
    for _ in 0..MOST_GROUPS {
        let group = group_before(text, at);
        let Some(start) = group else {
            // A word: the colon behind it is its own, as in `peer:2001:db8::1`, and never half of a pair.
            return match text[at + 1..] {
                [b':', b':', ..] => Some(at + 1),
                [b':', ..] => None,
                _ => Some(at + 1),
            };
        };
        match text[..start].last() {
            Some(b':') => at = start - 1,
            // Nothing before the first colon: `::1`, or a colon of its own.
            _ if start == at => return Some(if text.get(at + 1) == Some(&b':') { at } else { at + 1 }),
            _ => return Some(start),
        }
    }
    None
}

/// Where the group begins that ends before the colon at `at`; `None` when that is a word.
fn group_before(text: &[u8], at: usize) -> Option<usize> {
    // Four digits, and two more that an escape may have.
    let digits = text[..at].iter().rev().take(7).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let start = at - digits;
    let start = match text[..start].last() {
        Some(b'%' | b'm' | b'n' | b'r' | b't' | b'v') => {
            ipv4::escaped(text, start).filter(|start| *start <= at)?
        }
        Some(byte) if byte.is_ascii_alphanumeric() => return None,
        Some(b'.') if text[..start - 1].last().is_some_and(u8::is_ascii_alphanumeric) => return None,
        _ => start,
    };
    (at - start <= 4).then_some(start)
}

/// Goes on group by group to where the stretch ends.
fn end(text: &[u8], start: usize, colon: usize) -> Result<usize, usize> {
    let mut at = start;
    for _ in 0..=MOST_GROUPS {
        let digits = text[at..].iter().take(5).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let behind = at + digits;
        match text.get(behind) {
            Some(b':') if digits <= 4 => at = behind + 1,
            // The last four bytes may be written as IPv4, and a port may follow them.
            Some(b'.') if digits > 0 && !ipv4::ends(text, behind) => {
                let dotted = ipv4::parse(text, at).map(|(end, _)| end).filter(|end| ipv4::ends(text, *end));
                return dotted.filter(|_| at > colon).ok_or(behind);
            }
            _ if (1..=4).contains(&digits) && ipv4::ends(text, behind) => return Ok(behind),
            // A word or nothing: a single colon before it is not the address's, nor is the third of three.
            next => {
                let word = digits > 0 || next.is_some_and(u8::is_ascii_alphanumeric);
                return match text[start..at] {
                    [.., b':', b':', b':'] => Ok(at - 1),
                    [.., b':', b':'] if word => Err(at),
                    [.., b':', b':'] => Ok(at),
                    [.., b':'] => Ok(at - 1),
                    _ => Err(behind),
                };
            }
        }
    }
    Err(at)
}

/// `a::b`, `abc::`, `::`: what programs call their parts. No address that anybody is given looks so: those in use all
/// have a decimal digit, but for a few private ones, which have more groups.
fn is_name(groups: &[u8]) -> bool {
    !groups.iter().any(u8::is_ascii_digit)
        && groups.split(|byte| *byte == b':').filter(|group| !group.is_empty()).count() < 3
}

/// Eight groups of two digits: an EUI-64 or a World Wide Name, and no address that was ever given to anybody.
fn is_eui64(groups: &[u8]) -> bool {
    groups.len() == 23 && groups.split(|byte| *byte == b':').all(|group| group.len() == 2)
}
