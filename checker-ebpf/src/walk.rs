//! The long way, for the packets that `fast` leaves: the common step as the callback of `bpf_loop`, its state in a
//! map value. The verifier looks at the step once, whatever the headers are.

use core::ffi::{c_long, c_void};

use aya_ebpf::{btf_maps::PerCpuArray, helpers::generated::bpf_loop, macros::btf_map};
use checker_common::{
    outcome::Outcome,
    packet::Tags,
    parse::{STEPS, State, step},
};

use crate::{
    flow::Flow,
    frame::{Buffer, Whole},
    hook::Hook,
    settings,
};

/// What a packet needs beside the 512 bytes of stack.
#[repr(C)]
pub(crate) struct Scratch {
    pub(crate) state: State,
    pub(crate) buffer: Buffer,
    /// What the candidates came to so far, see [`crate::judge`].
    pub(crate) outcome: u32,
    pub(crate) class: u32,
    pub(crate) winner: u32,
    pub(crate) sides: u32,
    pub(crate) generation: u64,
    /// The flow of the packet, if it is reported, see [`crate::flow`].
    pub(crate) flow: Flow,
}

/// One for each CPU is enough: both hooks run with bottom halves disabled (`netif_receive_generic_xdp` and the
/// drivers' polls, `__dev_queue_xmit`, all in or under `net/core/dev.c`), neither interrupts the other.
#[btf_map]
static SCRATCH: PerCpuArray<Scratch, 1> = PerCpuArray::new();

const _: () = assert!(size_of::<State>().is_multiple_of(size_of::<u64>()));

struct Walk {
    context: *mut c_void,
    scratch: *mut Scratch,
}

/// The scratch at the start of a packet.
#[inline(always)]
pub(crate) fn scratch(hook: &impl Hook) -> Option<*mut Scratch> {
    let scratch = SCRATCH.get_ptr_mut(0)?;
    let tags = hook.tag().map_or(Tags::default(), |tci| Tags::default().behind(tci));
    // SAFETY: this CPU's own scratch, and nothing else refers to it.
    let state = unsafe { &raw mut (*scratch).state };
    for word in 0..size_of::<State>() / size_of::<u64>() {
        // SAFETY: within the state, which is aligned as u64 is, and for which zeros are a valid value. Volatile, or
        // the compiler calls a `memset` that goes byte by byte.
        unsafe { state.cast::<u64>().add(word).write_volatile(0) };
    }
    // SAFETY: as above.
    unsafe { (*state).begin(settings::tunnels(), tags) };
    Some(scratch)
}

/// Walks the headers; what was found stands in the scratch's state.
#[inline(always)]
pub(crate) fn walk<H: Hook>(hook: &H) -> Option<*mut Scratch> {
    let scratch = scratch(hook)?;
    // SAFETY: this CPU's own scratch, and nothing else refers to it.
    let state = unsafe { &raw mut (*scratch).state };
    let mut walk = Walk { context: hook.as_ptr(), scratch };
    // SAFETY: the callback has the form that the helper calls, and `walk` outlives the loop. Since Linux 5.17.
    unsafe { bpf_loop(STEPS, one_step::<H> as *mut c_void, (&raw mut walk).cast(), 0) };
    // SAFETY: as above; the callback's reference is gone.
    unsafe { (*state).finish() };
    Some(scratch)
}

/// One step; 1 ends the loop.
unsafe extern "C" fn one_step<H: Hook>(_index: u32, walk: *mut c_void) -> c_long {
    // SAFETY: `bpf_loop` hands over what it was given, the `Walk` of the caller.
    let walk = unsafe { &*walk.cast_const().cast::<Walk>() };
    // SAFETY: this CPU's own scratch; the caller holds no reference to it meanwhile.
    let (state, buffer) = unsafe { (&mut (*walk.scratch).state, &raw mut (*walk.scratch).buffer) };
    // SAFETY: the context of the caller's hook; the buffer is read here only.
    let bytes = unsafe { Whole::<H>::new(walk.context, buffer) };
    c_long::from(!step(&bytes, state))
}

impl Scratch {
    /// The outcome so far.
    #[inline(always)]
    pub(crate) fn outcome(&self) -> Outcome {
        Outcome::from_index(self.outcome).unwrap_or(Outcome::Compliant)
    }
}
