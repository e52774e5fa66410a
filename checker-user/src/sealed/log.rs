//! Adds records to a log, and seals it. The order of its writes is what makes it survive a kill between any two of them;
//! `docs/sealed-log.md` gives the reasons.

use std::io;

use anyhow::Context as _;
use tlog_tiles::record_hash;

use super::{frontier::Frontier, key::Key, seal::Seal, storage::Storage, tree};

/// Bytes that are written once more at a time.
const AGAIN: usize = 1 << 16;

/// A log that is open for writing.
pub struct Log<S> {
    lines: S,
    tree: S,
    key: Key,
    origin: String,
    frontier: Frontier,
    /// Bytes of all records.
    length: u64,
    /// Bytes of them that are on the disk for certain.
    synced: u64,
    /// Something that is no record may stand behind the last one.
    torn: bool,
    /// The disk refused to say that it has what is behind `synced`; it may have forgotten it.
    doubtful: bool,
}

impl<S: Storage> Log<S> {
    /// Goes on behind the records of `frontier`, which are `length` bytes; all that is behind is written over.
    pub(super) fn behind(
        [lines, tree]: [S; 2],
        key: Key,
        origin: String,
        frontier: Frontier,
        length: u64,
    ) -> Self {
        Self { lines, tree, key, origin, frontier, length, synced: 0, torn: true, doubtful: false }
    }

    /// How many records there are.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.frontier.size()
    }

    /// Which log it is.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What it signs with.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Both its files.
    #[cfg(test)]
    pub(super) fn into_files(self) -> [S; 2] {
        [self.lines, self.tree]
    }

    /// The same, while it is open.
    #[cfg(test)]
    pub(super) const fn files_mut(&mut self) -> [&mut S; 2] {
        [&mut self.lines, &mut self.tree]
    }

    /// Under another name.
    #[cfg(test)]
    pub(super) fn rename(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
    }

    /// Its file of lines.
    #[must_use]
    pub const fn lines(&self) -> &S {
        &self.lines
    }

    /// Adds records: whole lines, each with its line end. All of them or none.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let mut frontier = self.frontier.clone();
        let mut hashes = Vec::new();
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            hashes.extend(frontier.push(record_hash(line)).map_err(io::Error::other)?);
        }
        // The lines first: hashes can be computed again from lines.
        let written = self
            .lines
            .write_at(lines, self.length)
            .and_then(|()| tree::append(&mut self.tree, self.frontier.stored(), &hashes));
        if let Err(error) = written {
            self.torn = true;
            self.cut();
            return Err(error);
        }
        self.frontier = frontier;
        self.length += lines.len() as u64;
        if self.torn {
            self.cut();
        }
        Ok(())
    }

    /// Signs the tree of all records, and adds the record that `form` makes of the checkpoint. What is signed is on the
    /// disk before: a checkpoint may leave the host, and no crash may make the log shorter than it says.
    ///
    /// # Errors
    ///
    /// What the system said; nothing is signed then, or what was signed is not given away.
    pub fn seal(&mut self, form: impl FnOnce(&Seal) -> Vec<u8>) -> anyhow::Result<Seal> {
        self.sync().context("cannot force the records onto the disk")?;
        let root = self.frontier.root()?;
        let seal = Seal::new(&self.key, &self.origin, self.frontier.size(), root)?;
        self.append(&form(&seal)).context("cannot write a checkpoint")?;
        self.sync().context("cannot force the checkpoint onto the disk")?;
        // For speed alone: a tree that was lost is built again from the lines.
        self.tree.sync().context("cannot force the tree onto the disk")?;
        Ok(seal)
    }

    /// Cuts off what is behind the last record. It is tried again where that fails.
    fn cut(&mut self) {
        let cut =
            self.lines.cut(self.length).and_then(|()| tree::cut(&mut self.tree, self.frontier.stored()));
        self.torn = cut.is_err();
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.doubtful {
            self.write_again()?;
        }
        let synced = self.lines.sync();
        self.doubtful = synced.is_err();
        if synced.is_ok() {
            self.synced = self.length;
        }
        synced
    }

    /// After a sync that failed the kernel takes what it could not write for written. Only a new write makes it try.
    fn write_again(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; AGAIN];
        let mut offset = self.synced;
        while offset < self.length {
            let part = AGAIN.min(usize::try_from(self.length - offset).unwrap_or(AGAIN));
            self.lines.read_all_at(&mut buffer[..part], offset)?;
            self.lines.write_at(&buffer[..part], offset)?;
            offset += part as u64;
        }
        Ok(())
    }
}
