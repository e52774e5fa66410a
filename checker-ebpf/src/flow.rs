//! The flow table: the first packet of a flow is reported at once, all others are counted in their flow and reported
//! by the daemon, which sweeps the table. So a flow is told of even when there was no room for its record.

use aya_ebpf::{bindings::BPF_NOEXIST, btf_maps::LruHashMap, macros::btf_map};
use checker_common::{
    abi::FLOW_COUNT,
    alert::AlertRecord,
    flow::{FlowKey, FlowValue},
};

/// When it is full, the flow that was idle longest gives way; what it had not told yet is lost, and counted.
#[btf_map]
static FLOWS: LruHashMap<FlowKey, FlowValue, { FLOW_COUNT as usize }> = LruHashMap::new();

/// The flow of a packet that is reported. Too much for the stack, so it is a part of the scratch.
#[repr(C)]
pub(crate) struct Flow {
    key: FlowKey,
    pub(crate) value: FlowValue,
}

/// What the table made of a packet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folded {
    /// It is one more of a flow that is known.
    Known,
    /// It is the first of its flow.
    New,
    /// The table did not take it.
    Not,
}

/// Counts the packet whose record is written in `flow` in its flow.
#[expect(clippy::needless_borrows_for_generic_args, reason = "by value they would be copied to the stack")]
#[inline(always)]
pub(crate) fn fold(flow: &mut Flow) -> Folded {
    flow.key = flow.value.record.flow();
    if add(&flow.key, &flow.value.record) {
        return Folded::Known;
    }
    flow.value.begin();
    if FLOWS.insert(&flow.key, &flow.value, BPF_NOEXIST.into()).is_ok() {
        return Folded::New;
    }
    // Another core was first, most likely.
    if add(&flow.key, &flow.value.record) {
        return Folded::Known;
    }
    flow.value.record.set_folded(false);
    Folded::Not
}

/// Says in the table that the head of the flow's first packet was taken: whoever sweeps it may be the first to tell.
#[expect(clippy::needless_borrows_for_generic_args, reason = "by value it would be copied to the stack")]
#[inline(always)]
pub(crate) fn mark(flow: &Flow) {
    if let Some(known) = FLOWS.get_ptr_mut(&flow.key) {
        // SAFETY: an element of the table. Should it be given away meanwhile, the flow that has it then is about to be
        // marked as well.
        unsafe { (*known).record.set_evidence() };
    }
}

#[inline(always)]
fn add(key: &FlowKey, record: &AlertRecord) -> bool {
    // SAFETY: an element of the table, which the packets of all cores add to in this way only.
    FLOWS.get_ptr_mut(key).is_some_and(|flow| unsafe { FlowValue::add(flow, record, plus) })
}

/// An atomic add. In the machine's words: for this target the library has none, because the first BPF machines could add
/// atomically and no more.
#[cfg(target_arch = "bpf")]
#[inline(always)]
fn plus(number: *mut u64, addend: u64) {
    // SAFETY: an aligned number in an element of the table, see the caller.
    unsafe {
        core::arch::asm!(
            "lock *(u64 *)({number} + 0) += {addend}",
            number = in(reg) number,
            addend = in(reg) addend,
            options(nostack)
        );
    }
}

/// Never runs: on the host this crate is compiled only for cargo to know its sources.
#[cfg(not(target_arch = "bpf"))]
fn plus(number: *mut u64, addend: u64) {
    // SAFETY: as above.
    unsafe { *number = (*number).wrapping_add(addend) };
}
