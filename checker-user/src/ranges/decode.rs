//! Text of an encoding → text that starts at its first character and has a byte for each ASCII character.
//!
//! UTF-8 and Latin-1 stay as they are: what a list says is ASCII, and comments may be anything. UTF-16 (what
//! PowerShell's `>` writes) is decoded when a byte order mark says so. Lines stay lines, so their numbers stay right.

use std::borrow::Cow;

/// Takes off a byte order mark and turns UTF-16 into UTF-8; what is no UTF-16 in it becomes U+FFFD, which no list has.
#[must_use]
pub fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xef, 0xbb, 0xbf, text @ ..] => Cow::Borrowed(text),
        [0xff, 0xfe, text @ ..] => Cow::Owned(utf16(text, u16::from_le_bytes)),
        [0xfe, 0xff, text @ ..] => Cow::Owned(utf16(text, u16::from_be_bytes)),
        _ => Cow::Borrowed(bytes),
    }
}

fn utf16(text: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let (pairs, rest) = text.as_chunks::<2>();
    let characters = char::decode_utf16(pairs.iter().copied().map(unit));
    let characters = characters.map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER));
    // Half a character at the end is a file that was cut short.
    let rest = rest.first().map(|_| char::REPLACEMENT_CHARACTER);
    characters.chain(rest).collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_utf16_becomes_utf8() {
        for (bytes, text) in [
            (&b"1\n"[..], "1\n"),
            (b"\xef\xbb\xbf1\n", "1\n"),
            (b"\xff\xfe1\0\r\0\n\0", "1\r\n"),
            (b"\xfe\xff\x001\0\n", "1\n"),
            (b"\xff\xfe\x3d\xd8\x00\xde", "\u{1f600}"),
            (b"\xff\xfe\x3d\xd81\0", "\u{fffd}1"),
            (b"\xff\xfe1\x002", "1\u{fffd}"),
            (b"", ""),
        ] {
            assert_eq!(decode(bytes), text.as_bytes(), "{bytes:?}");
        }
        assert_eq!(decode(b"\xe9"), &b"\xe9"[..], "Latin-1 stays");
    }
}
