//! One IPv4 address in a text, found by its first dot.

use std::net::Ipv4Addr;

/// The address whose first dot is at `dot`, with where it begins and where the byte behind it is.
///
/// Four numbers from 0 to 255 without leading zeros, and no word or number goes on before or behind them.
#[must_use]
#[inline(always)]
pub fn around(text: &[u8], dot: usize) -> Option<(usize, usize, Ipv4Addr)> {
    let first = text[..dot].iter().rev().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let start = begin(text, dot - first, dot)?;
    let (end, addr) = parse(text, start)?;
    ends(text, end).then_some((start, end, addr))
}

/// Reads four numbers and three dots from `start` on; gives where they end. Whatever follows is the caller's matter.
#[must_use]
#[inline(always)]
pub fn parse(text: &[u8], start: usize) -> Option<(usize, Ipv4Addr)> {
    let mut at = start;
    let mut octets = [0; 4];
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            if text.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let mut value = 0;
        let mut digits = 0;
        while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            // A leading zero: octal to some readers.
            if digits == 3 || (digits > 0 && value == 0) {
                return None;
            }
            value = value * 10 + u32::from(digit);
            digits += 1;
            at += 1;
        }
        if digits == 0 {
            return None;
        }
        *octet = u8::try_from(value).ok()?;
    }
    Some((at, octets.into()))
}

/// Whether an address may end before the byte at `end`: no word goes on there, nor does a dot join it to one.
#[must_use]
#[inline(always)]
pub fn ends(text: &[u8], end: usize) -> bool {
    let word = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    !(word(end) || text.get(end) == Some(&b'.') && word(end + 1))
}

/// Where the number begins whose digits begin at `start` or, when there are more than three, before it.
#[inline(always)]
fn begin(text: &[u8], start: usize, dot: usize) -> Option<usize> {
    let Some(&before) = text[..start].last() else { return Some(start) };
    match before {
        // Part of a longer dotted thing: a version, an object identifier.
        b'.' => (!text[..start - 1].last().is_some_and(u8::is_ascii_digit)).then_some(start),
        b'%' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => escaped(text, start).filter(|start| *start < dot),
        _ => Some(start),
    }
}

/// Where a word begins that stands behind an escape: `%2F` of a URL, `\n` of JSON, a terminal's colour. The word's
/// hexadecimal digits and those of a `%2F` are told apart by the place of the `%`.
#[must_use]
pub fn escaped(text: &[u8], start: usize) -> Option<usize> {
    for back in 1..=3 {
        let Some(percent) = start.checked_sub(back) else { break };
        if text[percent] == b'%' {
            let code = text.get(percent + 1..percent + 3)?;
            if code.iter().all(u8::is_ascii_hexdigit) {
                return Some(percent + 3);
            }
            // A percent sign that escapes nothing.
            return (back == 1).then_some(start);
        }
    }
    match text[..start] {
        [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't' | b'v'] => Some(start),
        [ref before @ .., b'm'] if is_colour(before) => Some(start),
        _ => None,
    }
}

/// Whether this ends in the sequence that sets a colour (ECMA-48, SGR), but for its final `m`.
fn is_colour(before: &[u8]) -> bool {
    let parameters = before.iter().rev().take(24).take_while(|byte| byte.is_ascii_digit() || **byte == b';');
    before[..before.len() - parameters.count()].ends_with(b"\x1b[")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_reads_what_the_standard_library_reads(text in "[0-9.]{1,9}|([0-9]{1,3}\\.){3}[0-9]{1,3}") {
            let expected = text.parse::<Ipv4Addr>().ok();
            let read = parse(text.as_bytes(), 0).filter(|(end, _)| *end == text.len()).map(|(_, addr)| addr);
            prop_assert_eq!(read, expected);
        }
    }
}
