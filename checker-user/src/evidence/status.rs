//! How the evidence is: counted by its thread, asked for by everybody.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use serde::{Deserialize, Serialize};

/// How the evidence is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceStatus {
    /// The folder, safe to show.
    pub folder: String,
    /// Packets written since the daemon started.
    pub written: u64,
    /// Packets that were not written.
    pub lost: EvidenceLost,
    /// Files in the folder.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that gave way to newer ones since the daemon started.
    pub removed: u64,
    /// Why nothing can be written at present.
    pub failing: Option<String>,
}

/// Packets that were not written, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceLost {
    /// The kernel found no room: the disk was slower than new flows came, or no daemon ran. With `--pin` since the maps
    /// were made.
    pub no_room: u64,
    /// The file could not be written.
    pub failed: u64,
}

impl EvidenceLost {
    /// All causes together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.no_room + self.failed
    }
}

/// What the thread counts.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) written: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) files: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) removed: AtomicU64,
    failing: Mutex<Option<String>>,
}

impl Counts {
    pub(super) fn says(&self, failing: Option<String>) {
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = failing;
    }

    /// All of it, with what the kernel lost.
    pub(super) fn status(&self, folder: &str, no_room: u64) -> EvidenceStatus {
        EvidenceStatus {
            folder: folder.to_owned(),
            written: self.written.load(Relaxed),
            lost: EvidenceLost { no_room, failed: self.failed.load(Relaxed) },
            files: self.files.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            removed: self.removed.load(Relaxed),
            failing: self.failing.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}
