//! One file: blocks are appended whole or not at all, so that it can be opened whatever happened.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Write as _},
};

use super::pcapng::{self, Packet};

/// A file that is written.
#[derive(Debug)]
pub(super) struct EvidenceFile {
    file: File,
    /// Its length.
    bytes: u64,
    /// Interfaces that stand in it, by name: their numbers.
    interfaces: HashMap<String, u32>,
    block: Vec<u8>,
}

impl EvidenceFile {
    /// Begins it.
    pub(super) fn begin(file: File) -> io::Result<Self> {
        let mut begun = Self { file, bytes: 0, interfaces: HashMap::new(), block: Vec::new() };
        pcapng::section(&mut begun.block);
        begun.append()?;
        Ok(begun)
    }

    /// Its length.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends a packet of the interface of this name, which is described before its first one.
    pub(super) fn write(&mut self, interface: &str, packet: Packet<'_>) -> io::Result<()> {
        let known = self.interfaces.get(interface).copied();
        let number = known.unwrap_or(self.interfaces.len() as u32);
        if known.is_none() {
            pcapng::interface(&mut self.block, interface);
        }
        pcapng::packet(&mut self.block, &Packet { interface: number, ..packet });
        self.append()?;
        self.interfaces.entry(interface.to_owned()).or_insert(number);
        Ok(())
    }

    fn append(&mut self) -> io::Result<()> {
        let block = std::mem::take(&mut self.block);
        let written = self.file.write_all(&block);
        if let Err(error) = written {
            // Half a block would make all that follows unreadable.
            self.cut_back()?;
            return Err(error);
        }
        self.bytes += block.len() as u64;
        self.block = block;
        self.block.clear();
        Ok(())
    }

    fn cut_back(&mut self) -> io::Result<()> {
        use io::{Seek as _, SeekFrom};
        self.file.set_len(self.bytes)?;
        self.file.seek(SeekFrom::Start(self.bytes)).map(drop)
    }
}
