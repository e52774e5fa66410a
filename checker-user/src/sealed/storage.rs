//! What a log asks of a file. Tests have one that remembers each write, so that they can stop between any two bytes.

use std::{fs::File, io, os::unix::fs::FileExt};

/// One file.
pub trait Storage {
    /// Bytes in it.
    ///
    /// # Errors
    ///
    /// What the system said; so with the others.
    fn length(&self) -> io::Result<u64>;
    /// Reads from `offset`; fewer bytes only at the end.
    ///
    /// # Errors
    ///
    /// As above.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of it there.
    ///
    /// # Errors
    ///
    /// As above; a part of it may be there then.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Cuts off what is behind `length`.
    ///
    /// # Errors
    ///
    /// As above.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Waits until all that was written is on the disk.
    ///
    /// # Errors
    ///
    /// As above; what was written since the last time may be lost then.
    fn sync(&mut self) -> io::Result<()>;

    /// Reads all of `buffer`.
    ///
    /// # Errors
    ///
    /// As above, and when there is not so much.
    fn read_all_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if self.read_at(buffer, offset)? == buffer.len() {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

impl Storage for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, mut buffer: &mut [u8], mut offset: u64) -> io::Result<usize> {
        let mut taken = 0;
        while !buffer.is_empty() {
            match FileExt::read_at(self, buffer, offset) {
                Ok(0) => break,
                Ok(more) => {
                    taken += more;
                    offset += more as u64;
                    buffer = &mut buffer[more..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if Storage::length(self)? > length { self.set_len(length) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
