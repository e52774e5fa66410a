//! Why a file of machines was refused: the first ten lines that are wrong, and how many there are.

use std::fmt::Write as _;

use crate::printable::printable;

/// How many are shown.
const SHOWN: usize = 10;

/// How much of what stands there is shown, in characters.
const CUT: usize = 80;

/// What is wrong with a file; nothing so far.
#[derive(Debug, Default)]
pub(super) struct Refused {
    total: usize,
    first: Vec<String>,
    whole: Option<String>,
}

impl Refused {
    /// Counts a wrong line: `LINE: "TEXT" WHY`.
    pub(super) fn add(&mut self, line: u32, text: &str, why: &str) {
        self.total += 1;
        if self.first.len() < SHOWN {
            self.first.push(format!("{line}: \"{}\" {why}", shown(text)));
        }
    }

    /// The file as a whole: the end of a sentence.
    pub(super) fn whole(&mut self, why: impl Into<String>) {
        self.whole.get_or_insert_with(|| why.into());
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.total == 0 && self.whole.is_none()
    }

    /// `good`, if nothing was wrong.
    pub(super) fn or<T>(self, good: T) -> Result<T, Self> {
        if self.is_empty() { Ok(good) } else { Err(self) }
    }

    /// As one sentence, or one a line; each begins with the file's name.
    pub(super) fn of_file(&self, path: &str) -> String {
        if let Some(why) = &self.whole {
            return format!("{path}: {why}");
        }
        let lines: Vec<_> = self.first.iter().map(|line| format!("{path}:{line}")).collect();
        let mut text = lines.join("\n");
        let more = self.total - self.first.len();
        let _infallible = match more {
            0 if self.total == 1 => Ok(()),
            0 => write!(text, "\n{path}: nothing was loaded"),
            more => write!(text, "\n{path}: ... and {more} more; nothing was loaded"),
        };
        text
    }
}

/// Cut, and safe to show.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(CUT) {
        Some((end, _)) => format!("{}…", printable(&text[..end])),
        None => printable(text).into_owned(),
    }
}
