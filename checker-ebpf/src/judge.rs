//! Every address of a packet that took the long way, one after the other; the gravest outcome is the packet's.

use core::ffi::{c_long, c_void};

use aya_ebpf::helpers::generated::bpf_loop;
use checker_common::{
    candidate::{self, Sides, candidate, is_graver},
    outcome::Outcome,
};

use crate::{decide, hook::Hook, lookup, report, settings, walk::Scratch};

/// Judges what the walk found.
///
/// # Safety
///
/// `scratch` is this CPU's, as [`crate::walk::walk`] gave it.
#[inline(always)]
pub(crate) unsafe fn judge<H: Hook>(hook: &H, scratch: *mut Scratch, sides: Sides) -> Outcome {
    // SAFETY: see this function's own; the reference ends before the loop.
    let found = unsafe { &mut *scratch };
    let limit = found.state.packet.limit();
    if !found.state.packet.has_addresses() {
        return limit.unwrap_or(Outcome::NotIp);
    }
    let Some(generation) = lookup::active_generation() else {
        return Outcome::NoList;
    };
    found.outcome = limit.unwrap_or(Outcome::Compliant).index();
    found.class = 0;
    found.winner = 0;
    found.sides = u32::from(sides.source) | u32::from(sides.destination) << 1;
    found.generation = generation;
    // `bpf_loop` hands on stack memory only.
    let mut on_stack = scratch;
    // SAFETY: the callback has the form that the helper calls, and `on_stack` outlives the loop. Since Linux 5.17.
    unsafe { bpf_loop(candidate::MOST, one_candidate as *mut c_void, (&raw mut on_stack).cast(), 0) };
    // SAFETY: see this function's own; the callback's reference is gone.
    let found = unsafe { &mut *scratch };
    let outcome = found.outcome();
    if let Some(winner) = candidate(&found.state.packet, found.winner, sides, settings::nat64()) {
        let (packet, class) = (&found.state.packet, found.class);
        report::report(hook, packet, &winner, generation, class, outcome, &mut found.flow);
    }
    outcome
}

/// One candidate; 1 ends the loop.
unsafe extern "C" fn one_candidate(index: u32, scratch: *mut c_void) -> c_long {
    // SAFETY: `bpf_loop` hands over what it was given; the caller holds no reference meanwhile.
    let scratch = unsafe { &mut **scratch.cast::<*mut Scratch>() };
    let sides = Sides { source: scratch.sides & 1 != 0, destination: scratch.sides & 2 != 0 };
    let Some(found) = candidate(&scratch.state.packet, index, sides, settings::nat64()) else {
        return 0;
    };
    let Some(class) = lookup::longest_match(scratch.generation, &found.address()) else {
        return 0;
    };
    let outcome = decide::decide(lookup::action(class));
    if is_graver(outcome, scratch.outcome()) {
        scratch.outcome = outcome.index();
        scratch.class = class;
        scratch.winner = index;
    }
    0
}
