//! A reader's bytes, a megabyte at a time: what a record needs is in memory as a whole, and nothing is copied out.

use std::io::{self, Read};

/// Bytes that are asked for in one read.
const CAPACITY: usize = 1 << 20;

/// Most bytes that can be had as a whole.
pub(super) const MOST: usize = CAPACITY / 2;

/// The bytes of `reader` from some place on.
pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    /// What was read and not passed yet.
    start: usize,
    end: usize,
}

impl<R: Read> Window<R> {
    /// At the reader's first byte.
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; CAPACITY], start: 0, end: 0 }
    }

    /// Whether there are `length` more bytes, [`MOST`] at most; they are in memory then.
    #[inline]
    pub(super) fn has(&mut self, length: usize) -> io::Result<bool> {
        if self.end - self.start >= length { Ok(true) } else { self.read(length) }
    }

    #[cold]
    fn read(&mut self, length: usize) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        while self.end < length {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Ok(false),
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The bytes in memory.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Passes `length` bytes that are in memory, and gives them.
    #[inline]
    pub(super) fn take(&mut self, length: usize) -> &[u8] {
        let from = self.start;
        self.start = self.end.min(from + length);
        &self.buffer[from..self.start]
    }

    /// Passes `length` bytes, wherever they are. `false` when there are not as many.
    pub(super) fn skip(&mut self, length: u64) -> io::Result<bool> {
        let mut left = length;
        loop {
            let here = (self.end - self.start) as u64;
            if left <= here {
                // Less than what is in memory, so it fits.
                self.start += left as usize;
                return Ok(true);
            }
            left -= here;
            self.start = self.end;
            if !self.has(1)? {
                return Ok(false);
            }
        }
    }
}
