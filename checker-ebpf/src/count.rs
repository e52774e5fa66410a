//! Counters: packets by outcome, and the account of each class. Per CPU, so a plain add is exact: XDP runs with
//! bottom halves disabled, nothing else on this CPU adds to the same slot meanwhile.

use aya_ebpf::{btf_maps::PerCpuArray, macros::btf_map};
use checker_common::{abi::CLASS_COUNT, account::ClassAccount, outcome::Outcome};

#[btf_map]
static OUTCOMES: PerCpuArray<u64, { Outcome::COUNT }> = PerCpuArray::new();

#[btf_map]
static ACCOUNTS: PerCpuArray<ClassAccount, { CLASS_COUNT as usize }> = PerCpuArray::new();

/// One packet left with `outcome`.
#[inline(always)]
pub(crate) fn packet(outcome: Outcome) {
    if let Some(packets) = OUTCOMES.get_ptr_mut(outcome.index()) {
        // SAFETY: this CPU's own slot.
        unsafe { *packets += 1 };
    }
}

/// A packet of `class` matched and its record went into the ring.
#[inline(always)]
pub(crate) fn emitted(class: u32) {
    if let Some(account) = ACCOUNTS.get_ptr_mut(class) {
        // SAFETY: this CPU's own slot.
        unsafe {
            (*account).matched += 1;
            (*account).emitted += 1;
        }
    }
}

/// A packet of `class` matched and its record found the ring full.
#[inline(always)]
pub(crate) fn lost(class: u32) {
    if let Some(account) = ACCOUNTS.get_ptr_mut(class) {
        // SAFETY: this CPU's own slot.
        unsafe {
            (*account).matched += 1;
            (*account).ring_full += 1;
        }
    }
}
