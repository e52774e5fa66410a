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

/// A record of `class` went into the ring, for a flow.
#[inline(always)]
pub(crate) fn emitted(class: u32) {
    in_account(class, |account| account.emitted += 1);
}

/// A record of `class` went into the ring, for one packet.
#[inline(always)]
pub(crate) fn alone(class: u32) {
    in_account(class, |account| {
        account.emitted += 1;
        account.alone += 1;
    });
}

/// A packet of `class` has neither flow nor record.
#[inline(always)]
pub(crate) fn lost(class: u32) {
    in_account(class, |account| account.ring_full += 1);
}

/// A packet of `class` matched.
#[inline(always)]
pub(crate) fn matched(class: u32) {
    in_account(class, |account| account.matched += 1);
}

#[inline(always)]
fn in_account(class: u32, add: impl FnOnce(&mut ClassAccount)) {
    if let Some(account) = ACCOUNTS.get_ptr_mut(class) {
        // SAFETY: this CPU's own slot.
        add(unsafe { &mut *account });
    }
}
