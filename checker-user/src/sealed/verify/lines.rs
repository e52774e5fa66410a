//! The lines of a log, a few ahead.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read},
};

use tlog_tiles::{Hash, record_hash};

use crate::sealed::recover::LONGEST;

/// One line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    /// Without its end.
    pub(super) bytes: Vec<u8>,
    pub(super) hash: Hash,
}

/// The hash of the line with this number, from 1.
///
/// # Errors
///
/// What the system said.
pub fn line_hash(input: impl Read, number: u64) -> io::Result<Option<Hash>> {
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next()? {
        if line.number == number {
            return Ok(Some(line.hash));
        }
    }
    Ok(None)
}

/// Reads lines.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    ahead: VecDeque<Line>,
    read: u64,
    /// Bytes behind the last line end.
    torn: usize,
    /// A line without an end.
    too_long: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        let input = BufReader::with_capacity(1 << 18, input);
        Self { input, ahead: VecDeque::new(), read: 0, torn: 0, too_long: false }
    }

    /// Has so many lines ahead, if there are.
    pub(super) fn look(&mut self, count: usize) -> io::Result<&VecDeque<Line>> {
        while self.ahead.len() < count && self.torn == 0 && !self.too_long {
            let mut bytes = Vec::new();
            (&mut self.input).take(LONGEST as u64 + 1).read_until(b'\n', &mut bytes)?;
            match bytes.pop() {
                Some(b'\n') => {
                    self.read += 1;
                    let hash = record_hash(&bytes);
                    self.ahead.push_back(Line { number: self.read, bytes, hash });
                }
                Some(_) if bytes.len() >= LONGEST => self.too_long = true,
                Some(_) => self.torn = bytes.len() + 1,
                None => break,
            }
        }
        Ok(&self.ahead)
    }

    /// The next line.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        self.look(1)?;
        Ok(self.ahead.pop_front())
    }

    /// How many whole lines were read so far.
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    /// Bytes behind the last line end.
    pub(super) const fn torn(&self) -> usize {
        self.torn
    }

    /// Whether it gave up at a line without an end.
    pub(super) const fn too_long(&self) -> bool {
        self.too_long
    }
}
