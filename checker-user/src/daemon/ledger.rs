//! What the daemon itself counts of each class, in packets: the parts of the account that neither the kernel nor the
//! output knows.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use checker_common::abi::CLASS_COUNT;

/// One entry for each class, at its number. Cheap to clone: all clones are the same ledger.
#[derive(Clone, Debug)]
pub struct Ledger(Arc<[Entry]>);

/// Of one class.
#[derive(Debug, Default)]
struct Entry {
    /// Taken out of flows, in alerts or suppressed.
    taken: AtomicU64,
    /// Of records that stand alone.
    alone: AtomicU64,
    /// Of alerts that were held back.
    suppressed: AtomicU64,
    /// Of flows that gave way before they were told of.
    evicted: AtomicU64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self((0..CLASS_COUNT).map(|_| Entry::default()).collect())
    }
}

impl Ledger {
    /// The entry of a class; of a number that is none, that of class 0, which has no packets.
    fn of(&self, class: u32) -> &Entry {
        self.0.get(class as usize).unwrap_or(&self.0[0])
    }

    /// A flow tells of so many packets.
    pub(super) fn take(&self, class: u32, packets: u64) {
        self.of(class).taken.fetch_add(packets, Relaxed);
    }

    /// What flows told of.
    pub(super) fn taken(&self, class: u32) -> u64 {
        self.of(class).taken.load(Relaxed)
    }

    /// So many packets have a record each, and no flow.
    pub(super) fn stand_alone(&self, class: u32, packets: u64) {
        self.of(class).alone.fetch_add(packets, Relaxed);
    }

    /// What records told of that stand alone.
    pub(super) fn alone(&self, class: u32) -> u64 {
        self.of(class).alone.load(Relaxed)
    }

    /// All that came to the daemon, of all classes.
    pub(super) fn handled(&self) -> u64 {
        self.0.iter().map(|entry| entry.taken.load(Relaxed) + entry.alone.load(Relaxed)).sum()
    }

    /// An alert of so many packets is held back.
    pub(super) fn suppress(&self, class: u32, packets: u64) {
        self.of(class).suppressed.fetch_add(packets, Relaxed);
    }

    /// What was held back.
    #[must_use]
    pub fn suppressed(&self, class: u32) -> u64 {
        self.of(class).suppressed.load(Relaxed)
    }

    /// At least so many packets are missing: never fewer than were said before.
    pub(super) fn evict(&self, class: u32, packets: u64) {
        self.of(class).evicted.fetch_max(packets, Relaxed);
    }

    /// What is known to be missing.
    #[must_use]
    pub fn evicted(&self, class: u32) -> u64 {
        self.of(class).evicted.load(Relaxed)
    }
}
