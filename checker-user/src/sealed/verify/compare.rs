//! Lines beside the hashes that were stored for them: where the two differ, which is the least that must have been done.

use std::{collections::VecDeque, io, io::Read};

use tlog_tiles::Hash;

use super::{
    leaves::Leaves,
    lines::{Line, Lines},
};

/// So many lines and hashes are looked at to find where the two go on together.
const WINDOW: usize = 64;

/// So many hashes are looked at for the line that comes after removed ones.
const FAR: usize = 1 << 20;

/// So often; a log that was altered in many places is not read over and over.
const OFTEN: u32 = 16;

/// One step along both.
pub(super) enum Step {
    /// A line as it was written.
    Same(Line),
    /// A line in the place of another one.
    Edited(Line, Hash),
    /// A line that was not written there.
    Inserted(Line),
    /// A record that has no line.
    Removed(Hash),
}

/// Goes along lines and hashes.
pub(super) struct Compare<L, T> {
    pub(super) lines: Lines<L>,
    leaves: Option<Leaves<T>>,
    /// Found out, not yet told.
    steps: VecDeque<Step>,
    far_looks: u32,
}

impl<L: Read, T: Read> Compare<L, T> {
    pub(super) const fn new(lines: Lines<L>, leaves: Option<Leaves<T>>) -> Self {
        Self { lines, leaves, steps: VecDeque::new(), far_looks: 0 }
    }

    /// The next step; `None` at the end of both. Behind the end of the hashes every line is as it was written.
    pub(super) fn next(&mut self) -> io::Result<Option<Step>> {
        if let Some(step) = self.steps.pop_front() {
            return Ok(Some(step));
        }
        let Some(leaves) = &mut self.leaves else { return Ok(self.lines.next()?.map(Step::Same)) };
        let line = self.lines.look(1)?.front().map(|line| line.hash);
        let leaf = leaves.look(1)?.front().copied();
        match (line, leaf) {
            (None, None) => Ok(None),
            (Some(_), None) => Ok(self.lines.next()?.map(Step::Same)),
            (None, Some(_)) => Ok(leaves.next()?.map(Step::Removed)),
            (Some(line), Some(leaf)) if line == leaf => {
                leaves.next()?;
                Ok(self.lines.next()?.map(Step::Same))
            }
            (Some(line), Some(_)) => {
                let (lines, hashes) = self.least(line)?;
                self.take(lines, hashes)?;
                Ok(self.steps.pop_front())
            }
        }
    }

    /// How many lines and hashes to leave out, so that the two go on together.
    fn least(&mut self, next: Hash) -> io::Result<(usize, usize)> {
        let Some(leaves) = &mut self.leaves else { return Ok((1, 0)) };
        let lines = self.lines.look(WINDOW + 1)?;
        let hashes = leaves.look(WINDOW + 1)?;
        for both in 1..=2 * WINDOW {
            for left in both.saturating_sub(WINDOW)..=both.min(WINDOW) {
                let right = both - left;
                let together = match (lines.get(left), hashes.get(right)) {
                    (Some(line), Some(hash)) => line.hash == *hash,
                    // Both end there.
                    (None, None) => lines.len() == left && hashes.len() == right,
                    _ => false,
                };
                if together {
                    return Ok((left, right));
                }
            }
        }
        if self.far_looks < OFTEN {
            self.far_looks += 1;
            if let Some(removed) = leaves.find(next, FAR)? {
                return Ok((0, removed));
            }
        }
        Ok((1, 1))
    }

    /// As many as possible are pairs; the rest came or went.
    fn take(&mut self, lines: usize, hashes: usize) -> io::Result<()> {
        let Some(leaves) = &mut self.leaves else { return Ok(()) };
        for place in 0..lines.max(hashes) {
            let line = if place < lines { self.lines.next()? } else { None };
            let leaf = if place < hashes { leaves.next()? } else { None };
            self.steps.extend(match (line, leaf) {
                (Some(line), Some(hash)) if line.hash == hash => Some(Step::Same(line)),
                (Some(line), Some(hash)) => Some(Step::Edited(line, hash)),
                (Some(line), None) => Some(Step::Inserted(line)),
                (None, Some(hash)) => Some(Step::Removed(hash)),
                (None, None) => None,
            });
        }
        Ok(())
    }
}
