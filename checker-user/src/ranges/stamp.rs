//! By what a file's version is told without reading it.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path, time::SystemTime};

/// A version of a regular file: another one may stand under the same name, or in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds; set by the kernel at each change, so nobody can turn it back.
    changed: (i64, i64),
    /// When somebody last wrote to it.
    pub modified: Option<SystemTime>,
}

impl Stamp {
    /// The version that stands there now; `None` for a pipe, or when there is no file to be found.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            modified: metadata.modified().ok(),
        })
    }
}
