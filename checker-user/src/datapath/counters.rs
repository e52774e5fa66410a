//! Reads the kernel's counters: packets by outcome, accounts by class.

use std::sync::{Mutex, PoisonError};

use aya::maps::{MapData, MapError, PerCpuArray};
use checker_common::{account::ClassAccount, outcome::Outcome};

/// The counter maps.
pub struct Counters {
    outcomes: PerCpuArray<MapData, u64>,
    accounts: PerCpuArray<MapData, ClassAccount>,
    /// How often the canary was found: packets that nobody sent.
    found: Mutex<u64>,
}

impl Counters {
    /// Takes the two maps.
    #[must_use]
    pub const fn new(
        outcomes: PerCpuArray<MapData, u64>,
        accounts: PerCpuArray<MapData, ClassAccount>,
    ) -> Self {
        Self { outcomes, accounts, found: Mutex::new(0) }
    }

    /// Packets that left with each outcome, at its index, over all CPUs; without those of the canary.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub fn outcomes(&self) -> Result<[u64; Outcome::COUNT], MapError> {
        // Held until all is read: a canary is in both numbers or in none.
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sums = [0; Outcome::COUNT];
        for outcome in Outcome::ALL {
            sums[outcome.index() as usize] = self.count(outcome)?;
        }
        let unknown = &mut sums[Outcome::UnknownClass.index() as usize];
        *unknown = unknown.saturating_sub(*found);
        Ok(sums)
    }

    /// Has `run` send one packet of the canary through a program, and says whether the program found it.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` or `run` said.
    pub fn finds_canary(&self, run: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<bool> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.count(Outcome::UnknownClass)?;
        run()?;
        let moved = self.count(Outcome::UnknownClass)? > before;
        *found += u64::from(moved);
        Ok(moved)
    }

    /// How often the canary was found.
    #[must_use]
    pub fn found(&self) -> u64 {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on with what a daemon before counted.
    pub fn carry(&self, found: u64) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) += found;
    }

    fn count(&self, outcome: Outcome) -> Result<u64, MapError> {
        Ok(self.outcomes.get(&outcome.index(), 0)?.iter().sum())
    }

    /// The account of one class over all CPUs.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub fn account(&self, class: u32) -> Result<ClassAccount, MapError> {
        let mut sum = ClassAccount::default();
        for cpu in self.accounts.get(&class, 0)?.iter() {
            sum.matched += cpu.matched;
            sum.emitted += cpu.emitted;
            sum.alone += cpu.alone;
            sum.ring_full += cpu.ring_full;
        }
        Ok(sum)
    }
}
