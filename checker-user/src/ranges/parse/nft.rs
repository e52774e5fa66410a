//! Sets of nftables, as `nft list` prints them, or as a file for `nft -f` holds them:
//!
//! ```text
//! table inet filter {
//!         set r {
//!                 type ipv4_addr
//!                 flags interval
//!                 elements = { 192.0.2.0/24, 198.51.100.1-198.51.100.9 timeout 1h expires 59m,
//!                              203.0.113.7 comment "somebody" }
//!         }
//! }
//! add element inet filter r { 192.0.2.0/24 }
//! define r = { 192.0.2.0/24 }
//! ```
//!
//! Elements of every named set are taken, wherever lines end; addresses in rules are not. Maps, pairs (`a . b`), ports
//! and variables are rejects. `nft -j` is JSON: see [`nft_json`]. Format: nft(8).

use super::{address::span, collect::Collector, nft_json, rejected::Reason};

/// Longest element that is kept, in bytes: an element with a comment is shorter.
const LONGEST: usize = 1024;

/// Reads a file of either form.
pub fn read(text: &[u8], found: &mut Collector) {
    if text.trim_ascii_start().starts_with(b"{") {
        return nft_json::read(text, found);
    }
    let mut reader = Reader { line: 1, begun: 1, words: Vec::new(), inside: false, found };
    let mut comment = false;
    let mut quoted = false;
    for &byte in text {
        match byte {
            b'\n' => {
                comment = false;
                quoted = false;
                reader.take(b' ');
                if !reader.inside {
                    reader.words.clear();
                }
                reader.line += 1;
            }
            _ if comment => {}
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'#' => comment = true,
            b'{' => reader.open(),
            b'}' => reader.close(),
            b',' if reader.inside => reader.element(),
            b';' if !reader.inside => reader.words.clear(),
            other => reader.take(other),
        }
    }
    if reader.inside {
        let line = reader.line;
        found.reject(line, b"", Reason::Why("is the end of a file that was cut short"));
    }
}

struct Reader<'f> {
    line: u32,
    /// The line of the first byte of `words`.
    begun: u32,
    /// What stands before a brace, or the element so far.
    words: Vec<u8>,
    /// Between the braces of elements.
    inside: bool,
    found: &'f mut Collector,
}

impl Reader<'_> {
    fn take(&mut self, byte: u8) {
        if self.words.trim_ascii().is_empty() {
            self.words.clear();
            self.begun = self.line;
        }
        if self.words.len() < LONGEST {
            self.words.push(byte);
        }
    }

    fn open(&mut self) {
        if self.inside {
            self.found.reject(self.line, b"{", Reason::Why("does not belong into elements"));
        }
        let words = self.words.trim_ascii();
        let name = words.strip_suffix(b"=").map(<[u8]>::trim_ascii_end);
        self.inside = name.is_some_and(|name| name == b"elements" || name.starts_with(b"define "))
            || words.starts_with(b"add element ")
            || words.starts_with(b"element ");
        self.words.clear();
    }

    fn close(&mut self) {
        if self.inside {
            self.element();
        }
        self.inside = false;
        self.words.clear();
    }

    fn element(&mut self) {
        let text = std::mem::take(&mut self.words);
        let text = text.trim_ascii();
        // After a last comma there is none.
        if text.is_empty() {
            return;
        }
        let words: Vec<_> = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        let options = |word: &&[u8]| matches!(*word, b"timeout" | b"expires" | b"comment" | b"counter");
        let end = words.iter().position(options).unwrap_or(words.len());
        let read = match words[..end] {
            [net] => span(net),
            [first, b"-", last] => span(&[first, b"-", last].concat()),
            _ => Err(Reason::Why("is no element that is a range: no map, no pair of values, no variable")),
        };
        self.found.take(self.begun, text, read);
    }
}
