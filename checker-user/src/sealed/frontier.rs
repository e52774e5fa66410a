//! The right edge of a tree: all that is needed to add records and to compute the root, in memory that grows with the
//! logarithm of their number.

use tlog_tiles::{
    Error, Hash, HashReader, stored_hash_count, stored_hash_index, stored_hashes_for_record_hash,
    sub_tree_index, tree_hash,
};

/// The roots of the complete subtrees of a tree, each with its place among the stored hashes.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<(u64, Hash)>,
}

impl Frontier {
    /// The frontier of the first `size` records of a tree that is stored.
    ///
    /// # Errors
    ///
    /// What `hashes` said.
    pub fn read(size: u64, hashes: &impl HashReader) -> Result<Self, Error> {
        let indexes = sub_tree_index(0, size, Vec::new());
        let peaks = hashes.read_hashes(&indexes)?;
        Ok(Self { size, peaks: indexes.into_iter().zip(peaks).collect() })
    }

    /// How many records.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// How many hashes are stored for them.
    #[must_use]
    pub fn stored(&self) -> u64 {
        stored_hash_count(self.size)
    }

    /// Adds a record by its hash; gives the hashes that are to be stored behind those of the records before.
    ///
    /// # Errors
    ///
    /// None: the frontier always has what is asked of it.
    pub fn push(&mut self, leaf: Hash) -> Result<Vec<Hash>, Error> {
        let new = stored_hashes_for_record_hash(self.size, leaf, self)?;
        let merged = new.len() - 1;
        self.peaks.truncate(self.peaks.len() - merged);
        let place = stored_hash_index(0, self.size) + merged as u64;
        self.peaks.push((place, new[merged]));
        self.size += 1;
        Ok(new)
    }

    /// The root.
    ///
    /// # Errors
    ///
    /// None: the frontier always has what is asked of it.
    pub fn root(&self) -> Result<Hash, Error> {
        tree_hash(self.size, self)
    }
}

impl HashReader for Frontier {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let find = |index: &u64| {
            let found = self.peaks.iter().find(|(place, _)| place == index);
            found.map(|(_, hash)| *hash).ok_or(Error::IndexesNotInTree)
        };
        indexes.iter().map(find).collect()
    }
}
