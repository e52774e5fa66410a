//! Turns the bytes of a list into entries with line numbers, or refuses the whole file.
//!
//! Each format is one file here that reads bytes into a [`collect::Collector`]; the collector does what is the
//! same for all of them (host bits, IPv4-mapped prefixes, rejects), so formats cannot differ in it.

pub mod plain;
pub mod collect;
pub mod rejected;

use ipnet::IpNet;

use self::collect::Collector;
pub use self::rejected::Rejected;
use super::source::{ListSpec, Source};

/// A list without a fault.
#[derive(Clone, Debug)]
pub struct List {
    /// What the user named.
    pub spec: ListSpec,
    /// The name of its file without the folders, safe to show.
    pub name: String,
    /// Hash of its file.
    pub sha256: [u8; 32],
    /// Its ranges in the order of the file, at least one; duplicates are still there.
    pub entries: Vec<Entry>,
    /// How many of the entries had host bits set, and lost them.
    pub masked: usize,
}

/// One range of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The prefix; its host bits are zero, and an IPv4-mapped one stands here as IPv4.
    pub net: IpNet,
    /// The line it came from; the first is 1.
    pub line: u32,
}

/// Reads a list in the format that its content shows.
///
/// There is one format so far. Recognition goes here, before the call: by magic bytes first, then by the first
/// line that is no comment.
///
/// # Errors
///
/// When any line is not a range, or none is; then nothing of the file may be used.
pub fn parse(source: &Source) -> Result<List, Rejected> {
    let mut found = Collector::default();
    match source.bytes.as_slice() {
        // What PowerShell's `>` writes. Decoding it is easy, but then lines and hash would be of different texts.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return Err(Rejected::Utf16 { path: source.spec.shown_path() });
        }
        [0xef, 0xbb, 0xbf, text @ ..] | text => plain::read(text, &mut found),
    }
    found.finish(source)
}

impl List {
    /// The hash as lower-case hexadecimal digits, as `sha256sum` prints it.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        self.sha256.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect()
    }

    /// The sentence to warn the user with, when ranges are not quite what the file says.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let path = self.spec.shown_path();
        match self.masked {
            0 => None,
            1 => Some(format!("{path}: host bits were set in 1 range; masked")),
            n => Some(format!("{path}: host bits were set in {n} ranges; masked")),
        }
    }
}

fn hex_digit(nibble: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(nibble & 15)])
}
