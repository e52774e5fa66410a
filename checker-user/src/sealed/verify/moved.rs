//! Steps → findings. A line that was removed here and came up there was moved; lines that go together are one finding.

use tlog_tiles::Hash;

use super::finding::{Finding, Wrong};

/// So many are kept; the others are only counted.
const MOST: usize = 1000;

/// A place where lines and hashes differ.
#[derive(Debug)]
struct Place {
    /// The line, or the one that follows.
    line: u64,
    /// The record that should be there, and its hash.
    expected: Option<(u64, Hash)>,
    /// The hash of the line that is.
    found: Option<Hash>,
}

/// Collects the places.
#[derive(Debug, Default)]
pub(super) struct Places {
    places: Vec<Place>,
    uncounted: u64,
}

impl Places {
    /// The record with this number (from 1) and hash should be in the place of this line with that hash.
    pub(super) fn add(&mut self, line: u64, expected: Option<(u64, Hash)>, found: Option<Hash>) {
        if self.places.len() < MOST {
            self.places.push(Place { line, expected, found });
        } else {
            self.uncounted += 1;
        }
    }

    /// How many there were beside those that are kept.
    pub(super) const fn uncounted(&self) -> u64 {
        self.uncounted
    }

    /// What was done; `lines` is the number of the last line.
    pub(super) fn findings(&self, lines: u64) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for place in &self.places {
            let line = place.line;
            let what = match (place.found, place.expected) {
                (Some(found), expected) => match (self.record(found), expected) {
                    (Some(record), _) => Wrong::Moved { record },
                    (None, Some(_)) => Wrong::Edited,
                    (None, None) => Wrong::Inserted { count: 1 },
                },
                (None, Some((_, hash))) if self.has_line(hash) => continue,
                (None, Some(_)) if line > lines => Wrong::Truncated { count: 1 },
                (None, Some((record, _))) => Wrong::Removed { first: record, count: 1 },
                (None, None) => continue,
            };
            match (findings.last_mut(), &what) {
                (Some(Finding { what: Wrong::Truncated { count }, .. }), Wrong::Truncated { .. }) => {
                    *count += 1;
                }
                (
                    Some(Finding { what: Wrong::Removed { first, count }, line: before }),
                    Wrong::Removed { first: next, .. },
                ) if *before == line && *first + *count == *next => {
                    *count += 1;
                }
                (Some(Finding { what: Wrong::Inserted { count }, line: first }), Wrong::Inserted { .. })
                    if *first + *count == line =>
                {
                    *count += 1;
                }
                _ => findings.push(Finding { line: line.min(lines), what }),
            }
        }
        findings
    }

    /// The record that is missing at its place and has this hash.
    fn record(&self, hash: Hash) -> Option<u64> {
        let mut expected = self.places.iter().filter_map(|place| place.expected);
        expected.find(|(_, other)| *other == hash).map(|(record, _)| record)
    }

    fn has_line(&self, hash: Hash) -> bool {
        self.places.iter().any(|place| place.found == Some(hash))
    }
}
