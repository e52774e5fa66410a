//! Reads the kernel's counters: packets by outcome, accounts by class.

use aya::maps::{MapData, MapError, PerCpuArray};
use checker_common::{account::ClassAccount, outcome::Outcome};

/// The counter maps.
pub struct Counters {
    outcomes: PerCpuArray<MapData, u64>,
    accounts: PerCpuArray<MapData, ClassAccount>,
}

impl Counters {
    /// Takes the two maps.
    #[must_use]
    pub const fn new(
        outcomes: PerCpuArray<MapData, u64>,
        accounts: PerCpuArray<MapData, ClassAccount>,
    ) -> Self {
        Self { outcomes, accounts }
    }

    /// Packets that left with each outcome, at its index, over all CPUs.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub fn outcomes(&self) -> Result<[u64; Outcome::COUNT], MapError> {
        let mut sums = [0; Outcome::COUNT];
        for outcome in Outcome::ALL {
            let per_cpu = self.outcomes.get(&outcome.index(), 0)?;
            sums[outcome.index() as usize] = per_cpu.iter().sum();
        }
        Ok(sums)
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
            sum.ring_full += cpu.ring_full;
        }
        Ok(sum)
    }
}
