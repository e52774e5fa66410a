//! Why a list was refused: every bad line is counted and the first ten are shown, so that a whole file can be put
//! right in one go, and a file of something else does not flood the terminal.

use std::{error::Error, fmt};

use crate::printable::printable;

/// How many bad lines are shown.
const SHOWN: usize = 10;

/// How much of a bad line is shown, in characters.
const CUT: usize = 80;

/// A refused list. Displays as one line, or as one for each bad line; each names the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// Lines that are not ranges.
    Lines {
        /// The list's path, safe to show.
        path: String,
        /// What was found.
        rejects: Rejects,
    },
    /// The file as a whole.
    File {
        /// The list's path, safe to show.
        path: String,
        /// What is wrong with it: the end of a sentence, safe to show.
        why: String,
    },
}

/// The bad lines of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejects {
    /// How many there are.
    pub total: usize,
    /// The first ten.
    pub first: Vec<Reject>,
    /// The format has bytes and no lines.
    pub binary: bool,
}

/// One bad line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The first is 1; in a binary format the offset in bytes.
    pub line: u32,
    /// What stands there without comment and blanks: cut to 80 characters, then made safe to show.
    pub text: String,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is nothing that this format knows.
    NotARange,
    /// An address with a prefix length that its family does not have.
    PrefixTooLong {
        /// The length as written.
        len: u32,
        /// The family's longest: 32 or 128.
        max: u8,
    },
    /// Anything else: the end of a sentence that begins with the text.
    Why(&'static str),
}

impl Rejects {
    /// Counts a bad line, and keeps it when it is one of the first.
    pub fn add(&mut self, line: u32, text: &[u8], reason: Reason) {
        self.total += 1;
        if self.first.len() < SHOWN {
            self.first.push(Reject { line, text: cut(text), reason });
        }
    }
}

impl Rejects {
    /// What was left out and why, for when the rest was loaded.
    #[must_use]
    pub fn warning(&self, path: &str) -> String {
        let lines = if self.binary { "records" } else { "lines" };
        match self.total {
            1 => format!("{}; left out", self.shown(path)),
            total if total > SHOWN => {
                format!("{path}: {total} {lines} were left out; the first {SHOWN}:\n{}", self.shown(path))
            }
            total => format!("{path}: {total} {lines} were left out:\n{}", self.shown(path)),
        }
    }

    /// The first ten, one a line.
    fn shown(&self, path: &str) -> String {
        let at = if self.binary { " at byte " } else { "" };
        let lines: Vec<_> = self.first.iter().map(|reject| format!("{path}:{at}{reject}")).collect();
        lines.join("\n")
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lines { path, rejects } => {
                write!(f, "{}", rejects.shown(path))?;
                match rejects.total - rejects.first.len() {
                    0 if rejects.total == 1 => Ok(()),
                    0 => write!(f, "\n{path}: nothing was loaded"),
                    more => write!(f, "\n{path}: ... and {more} more; nothing was loaded"),
                }
            }
            Self::File { path, why } => write!(f, "{path}: {why}; nothing was loaded"),
        }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: \"{}\"", self.line, self.text)?;
        match self.reason {
            Reason::NotARange => write!(f, " is not an address or a prefix"),
            Reason::PrefixTooLong { len, max } => write!(f, ": prefix length {len} is larger than {max}"),
            Reason::Why(why) => write!(f, " {why}"),
        }
    }
}

impl Error for Rejected {}

fn cut(text: &[u8]) -> String {
    // A character has at most four bytes; what follows them is not worth decoding.
    let text = String::from_utf8_lossy(&text[..text.len().min(4 * (CUT + 1))]);
    match text.char_indices().nth(CUT) {
        Some((end, _)) => format!("{}…", printable(&text[..end])),
        None => printable(&text).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(lines: u32) -> String {
        let mut rejects = Rejects::default();
        for line in 1..=lines {
            rejects.add(line, b"foo", Reason::NotARange);
        }
        Rejected::Lines { path: "one.txt".into(), rejects }.to_string()
    }

    #[test]
    fn one_bad_line_is_one_sentence() {
        assert_eq!(rejected(1), "one.txt:1: \"foo\" is not an address or a prefix");
    }

    #[test]
    fn several_bad_lines_are_shown_up_to_ten() {
        let lines = |n| rejected(n).lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines(10).len(), 11);
        assert_eq!(lines(10)[10], "one.txt: nothing was loaded");
        assert_eq!(lines(13).len(), 11);
        assert_eq!(lines(13)[10], "one.txt: ... and 3 more; nothing was loaded");
    }

    #[test]
    fn the_text_is_cut_and_cannot_steer_the_terminal() {
        assert_eq!(cut(&[b'a'; 80]), "a".repeat(80));
        assert_eq!(cut(&[b'a'; 81]), format!("{}…", "a".repeat(80)));
        assert_eq!(cut("ä".repeat(5000).as_bytes()), format!("{}…", "ä".repeat(80)));
        assert_eq!(cut(b"\x1b[2J\xff\0"), "\\u{1b}[2J\u{fffd}\\u{0}");
    }
}
