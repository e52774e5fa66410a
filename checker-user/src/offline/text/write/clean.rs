//! Bytes of a log → what a terminal may see of them.

use std::io::Write as _;

use crate::printable::printable;

/// Adds `bytes` to `out`. Control characters and bytes that are no UTF-8 are written as escapes; tabs stay.
pub(super) fn clean(bytes: &[u8], out: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        for (number, part) in chunk.valid().split('\t').enumerate() {
            if number > 0 {
                out.push(b'\t');
            }
            out.extend_from_slice(printable(part).as_bytes());
        }
        for byte in chunk.invalid() {
            let _infallible = write!(out, "\\x{byte:02x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        let mut out = b"> ".to_vec();
        clean(b"a\tb\x1b[2J\xff\xc3\xa9\x00\r", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "> a\tb\\u{1b}[2J\\xff\u{e9}\\u{0}\\r");
    }
}
