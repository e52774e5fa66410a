//! What is wrong with a filter, and where.

use std::{error::Error, fmt};

use super::lex::MAX_BYTES;
use crate::printable::printable;

/// What is wrong, at a place in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    at: usize,
    what: String,
}

impl Problem {
    pub(super) fn at(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }

    /// With the filter around it.
    pub(super) fn of(self, filter: &str) -> Wrong {
        let before = &filter[..filter.floor_char_boundary(self.at)];
        // Escapes are longer than what they stand for.
        let before = printable(before).chars().count();
        let shown = (filter.len() <= MAX_BYTES).then(|| printable(filter).into_owned());
        Wrong { before, shown, what: self.what }
    }
}

/// A filter that is none: a sentence with the column, and the filter with a mark under that column.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Characters before the place, as they are shown.
    before: usize,
    /// The filter, safe to show; not if it is too long to be.
    shown: Option<String>,
    what: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the filter, column {}: {}", self.before + 1, printable(&self.what))?;
        match &self.shown {
            Some(shown) => write!(f, "\n  {shown}\n  {:1$}^", "", self.before),
            None => Ok(()),
        }
    }
}

impl Error for Wrong {}
