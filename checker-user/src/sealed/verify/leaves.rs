//! The hashes of the records in a tree file, a few ahead.

use std::{
    collections::VecDeque,
    io::{self, BufReader, Read},
};

use tlog_tiles::{HASH_SIZE, Hash};

/// Reads the hashes of records, one after the other.
pub(super) struct Leaves<R> {
    input: BufReader<R>,
    ahead: VecDeque<Hash>,
    read: u64,
    records: u64,
}

impl<R: Read> Leaves<R> {
    /// Of a tree of so many records.
    pub(super) fn new(input: R, records: u64) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, input), ahead: VecDeque::new(), read: 0, records }
    }

    /// Has so many hashes ahead, if there are.
    pub(super) fn look(&mut self, count: usize) -> io::Result<&VecDeque<Hash>> {
        while self.ahead.len() < count && self.read < self.records {
            let mut hash = Hash::default();
            self.input.read_exact(&mut hash.0)?;
            self.ahead.push_back(hash);
            self.read += 1;
            // The roots of the subtrees that the record completes stand behind it.
            let mut skipped = [0; HASH_SIZE];
            for _ in 0..self.read.trailing_zeros() {
                self.input.read_exact(&mut skipped)?;
            }
        }
        Ok(&self.ahead)
    }

    /// The next hash.
    pub(super) fn next(&mut self) -> io::Result<Option<Hash>> {
        self.look(1)?;
        Ok(self.ahead.pop_front())
    }

    /// Reads on until `wanted` comes; gives how many hashes come before it. Costs memory for those.
    pub(super) fn find(&mut self, wanted: Hash, most: usize) -> io::Result<Option<usize>> {
        let mut looked = 0;
        loop {
            let ahead = self.look(looked + 1)?;
            let Some(hash) = ahead.get(looked) else { return Ok(None) };
            if *hash == wanted {
                return Ok(Some(looked));
            }
            looked += 1;
            if looked > most {
                return Ok(None);
            }
        }
    }
}
