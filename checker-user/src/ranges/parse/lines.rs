//! Bytes → lines with their numbers.

use memchr::memchr_iter;

/// Each line without its end (LF or CRLF), with its number from 1 on. The last one needs no end.
pub fn lines(text: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut begin = 0;
    let ends = memchr_iter(b'\n', text).chain(std::iter::once(text.len()));
    (1..).zip(ends.map(move |end| {
        let line = &text[begin..end];
        begin = end + 1;
        line.strip_suffix(b"\r").unwrap_or(line)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_go_and_numbers_stay_right() {
        let read: Vec<_> = lines(b"a\r\n\nb\n c \rd").collect();
        assert_eq!(read, [(1, &b"a"[..]), (2, b""), (3, b"b"), (4, b" c \rd")]);
        assert_eq!(lines(b"").collect::<Vec<_>>(), [(1, &b""[..])]);
    }
}
