//! The head of a packet that is reported, into a ring of its own: where there is no room, the alert goes out all the same.

use core::ffi::c_void;

use aya_ebpf::{
    btf_maps::{PerCpuArray, RingBuf},
    macros::btf_map,
};
use checker_common::{
    abi::EVIDENCE_UNUSED,
    alert::AlertRecord,
    evidence::{EvidenceRecord, HEAD},
};

use crate::hook::{Hook, opaque};

/// The loader makes it larger where it is used.
#[btf_map]
static EVIDENCE: RingBuf<(), { EVIDENCE_UNUSED as usize }> = RingBuf::new();

#[btf_map]
static EVIDENCE_LOST: PerCpuArray<u64, 1> = PerCpuArray::new();

/// Puts the packet's head into the ring, marks the record that it was, and says so. Before the alert itself, so that
/// whoever has the alert finds the head.
///
/// A function of its own in the object too, for its stack; nothing of it is there where evidence is off.
#[inline(never)]
pub(crate) fn take<H: Hook>(context: *mut c_void, record: &mut AlertRecord) -> bool {
    let hook = H::of(context);
    let Some(mut entry) = EVIDENCE.reserve_untyped::<EvidenceRecord>(0) else {
        return lost();
    };
    let to = entry.as_mut_ptr();
    let captured = (hook.length() as usize).min(HEAD);
    // From 0, and compared where the verifier sees it: kernels before 6.8 learn nothing from "is not 0".
    let last = opaque(captured.wrapping_sub(1));
    if last >= HEAD {
        entry.discard(0);
        return lost();
    }
    // SAFETY: the ring's entry, which is of this type and nobody else's until it is submitted; the context of this hook.
    let result = unsafe {
        (&raw mut (*to).record).write(*record);
        (&raw mut (*to).captured).write((last as u32 + 1).to_be_bytes());
        (&raw mut (*to).tag).write(tag(&hook));
        H::load(context, 0, (&raw mut (*to).head).cast(), last as u32 + 1)
    };
    if result != 0 {
        entry.discard(0);
        return lost();
    }
    entry.submit(0);
    record.set_evidence();
    true
}

#[inline(always)]
fn tag(hook: &impl Hook) -> [u8; 4] {
    let Some([high, low]) = hook.tag() else { return [0; 4] };
    let [first, second] = hook.tag_type();
    [first, second, high, low]
}

#[inline(always)]
fn lost() -> bool {
    if let Some(packets) = EVIDENCE_LOST.get_ptr_mut(0) {
        // SAFETY: this CPU's own slot.
        unsafe { *packets += 1 };
    }
    false
}
