//! The whole path of a packet on one screen: parse → look up → decide → report → count.

use core::ffi::c_void;

use checker_common::{
    candidate::{DESTINATION, SOURCE, Side, Sides, candidate, is_graver},
    embedded,
    outcome::Outcome,
    packet::Address,
    parse::{Plain, fast},
};

use crate::{
    count, decide,
    frame::{Linear, Whole},
    hook::Hook,
    judge, lookup, report, settings, walk,
};

/// Judges one packet, reports it if an address of it is restricted, and counts it.
#[inline(always)]
pub fn classify<H: Hook>(hook: &H, sides: Sides) -> Outcome {
    let outcome = short(hook, sides).unwrap_or_else(|| thorough::<H>(hook.as_ptr(), sides));
    count::packet(outcome);
    outcome
}

/// A packet of one layer whose addresses are what they seem: one look-up a side. `None` for any other.
#[inline(always)]
fn short<H: Hook>(hook: &H, sides: Sides) -> Option<Outcome> {
    let plain = fast(&Linear::new(hook))?;
    let Some(generation) = lookup::active_generation() else {
        return Some(Outcome::NoList);
    };
    let source = if sides.source { look::<H>(hook.as_ptr(), plain, Side::Source, generation) } else { NONE };
    let destination =
        if sides.destination { look::<H>(hook.as_ptr(), plain, Side::Destination, generation) } else { NONE };
    if source == EMBEDDED || destination == EMBEDDED {
        return None;
    }
    let (one, other) = (decide_on(source), decide_on(destination));
    let (class, outcome, index) =
        if is_graver(other, one) { (destination, other, DESTINATION) } else { (source, one, SOURCE) };
    if class != NONE && report::is_reported(outcome) {
        tell::<H>(hook.as_ptr(), index, generation, class, outcome);
    }
    Some(outcome)
}

/// No range covers the address. Class 0 is none.
const NONE: u32 = 0;
/// The address carries an IPv4 address: it takes the long way.
const EMBEDDED: u32 = u32::MAX;

/// The class of an address, or one of the two above. A function of its own in the object too, for its stack.
///
/// What it takes comes in registers, for the sake of kernels before 6.8: of a constant that a function is handed on its
/// caller's stack, their verifier forgets that it was compared, and so takes a branch for dead that is not (mended by
/// "bpf: support non-r10 register spill/fill to/from stack in precision tracking").
#[inline(never)]
fn look<H: Hook>(context: *mut c_void, plain: Plain, side: Side, generation: u64) -> u32 {
    let Some(address) = plain.address(&Linear::new(&H::of(context)), side) else {
        return EMBEDDED;
    };
    if let Address::V6(address) = &address
        && embedded::any(address, settings::nat64())
    {
        return EMBEDDED;
    }
    lookup::longest_match(generation, &address).unwrap_or(NONE)
}

#[inline(always)]
fn decide_on(class: u32) -> Outcome {
    if class == NONE { Outcome::Compliant } else { decide::decide(lookup::action(class)) }
}

/// Reports a plain packet. A function of its own in the object too: its stack is not that of the packets which
/// match nothing. Registers as in [`look`]; there is none left for where the addresses stand.
#[inline(never)]
fn tell<H: Hook>(
    context: *mut c_void,
    index: u32,
    generation: u64,
    class: u32,
    outcome: Outcome,
) -> Option<()> {
    let hook = H::of(context);
    let plain = fast(&Linear::new(&hook))?;
    let scratch = walk::scratch(&hook)?;
    // SAFETY: this CPU's own scratch, and nothing else refers to it.
    let (packet, flow) = unsafe { (&mut (*scratch).state.packet, &mut (*scratch).flow) };
    plain.fill(&Linear::new(&hook), packet)?;
    // SAFETY: the context of this hook; the buffer is another part of the scratch.
    plain.fill_flags(&unsafe { Whole::<H>::new(context, &raw mut (*scratch).buffer) }, packet);
    let sides = Sides { source: true, destination: true };
    let matched = candidate(packet, index, sides, settings::nat64())?;
    report::report(&hook, packet, &matched, generation, class, outcome, flow);
    Some(())
}

/// Everything the packet has. On a stack of its own, as above.
#[inline(never)]
fn thorough<H: Hook>(context: *mut c_void, sides: Sides) -> Outcome {
    let hook = H::of(context);
    match walk::walk(&hook) {
        // SAFETY: this CPU's scratch, just walked.
        Some(scratch) => unsafe { judge::judge(&hook, scratch, sides) },
        // Never: the map has the one element that is asked for.
        None => Outcome::NotIp,
    }
}
