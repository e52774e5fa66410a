//! What was asked for.

use std::path::PathBuf;

/// Where evidence goes, and how much of it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceSpec {
    /// The folder.
    pub folder: PathBuf,
    /// Bytes at which a file is full.
    pub file: u64,
    /// Bytes of all files together; the oldest give way.
    pub total: u64,
}
