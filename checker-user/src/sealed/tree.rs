//! The hashes of a tree in a file: 32 bytes each, in the order in which they come to be (`stored_hash_index`).

use std::io;

use tlog_tiles::{Error, HASH_SIZE, Hash, HashReader, stored_hash_count, stored_hash_index};

use super::storage::Storage;

/// Bytes of a hash in the file.
const WIDTH: u64 = HASH_SIZE as u64;

/// Writes `hashes` where the stored hashes of a tree are so many already.
///
/// # Errors
///
/// What the system said.
pub fn append(file: &mut impl Storage, stored: u64, hashes: &[Hash]) -> io::Result<()> {
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
    file.write_at(&bytes, stored * WIDTH)
}

/// Cuts off all that is behind so many stored hashes.
///
/// # Errors
///
/// What the system said.
pub fn cut(file: &mut impl Storage, stored: u64) -> io::Result<()> {
    file.cut(stored * WIDTH)
}

/// Reads the hashes of a tree.
#[derive(Debug)]
pub struct Reader<'a, S>(pub &'a S);

impl<S: Storage> Reader<'_, S> {
    /// How many records have all their hashes there.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub fn records(&self) -> io::Result<u64> {
        let stored = self.0.length()? / WIDTH;
        // A record has one hash at least and two on average.
        let (mut low, mut high) = (0, stored);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if stored_hash_count(middle) <= stored { low = middle } else { high = middle - 1 }
        }
        Ok(low)
    }

    /// The hash of one record; `None` behind the end.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub fn leaf(&self, record: u64) -> io::Result<Option<Hash>> {
        let mut hash = Hash::default();
        let read = self.0.read_at(&mut hash.0, stored_hash_index(0, record) * WIDTH)?;
        Ok((read == HASH_SIZE).then_some(hash))
    }
}

impl<S: Storage> HashReader for Reader<'_, S> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let read = |index: &u64| {
            let mut hash = Hash::default();
            self.0
                .read_all_at(&mut hash.0, index * WIDTH)
                .map_err(|error| Error::InvalidInput(error.to_string()))?;
            Ok(hash)
        };
        indexes.iter().map(read).collect()
    }
}
