//! What the loader decides before it loads the object. Read-only data: the verifier knows the values, and what they
//! switch off is not even in the program that runs.
//!
//! Plain statics, read volatile because the compiler must not take the default for the value: the type that aya-ebpf
//! has for this makes type information which the kernel refuses, and `bpf_loop` needs it.

use checker_common::nat64::Nat64;

/// See [`checker_common::abi::TUNNELS`].
#[unsafe(no_mangle)]
static TUNNELS: u8 = 1;

/// See [`checker_common::abi::MIRROR`].
#[unsafe(no_mangle)]
static MIRROR: u8 = 0;

/// See [`checker_common::abi::TAKE_EVIDENCE`].
#[unsafe(no_mangle)]
static TAKE_EVIDENCE: u8 = 0;

/// See [`checker_common::abi::NAT64`].
#[unsafe(no_mangle)]
static NAT64: Nat64 = Nat64::WELL_KNOWN;

/// Whether to look into tunnels.
#[inline(always)]
pub(crate) fn tunnels() -> bool {
    // SAFETY: read-only data of this object.
    unsafe { (&raw const TUNNELS).read_volatile() != 0 }
}

/// Whether incoming packets are those of a mirror port: their destination may be anybody's.
#[inline(always)]
#[must_use]
pub fn mirror() -> bool {
    // SAFETY: read-only data of this object.
    unsafe { (&raw const MIRROR).read_volatile() != 0 }
}

/// Whether the head of each flow's first packet is taken.
#[inline(always)]
pub(crate) fn take_evidence() -> bool {
    // SAFETY: read-only data of this object.
    unsafe { (&raw const TAKE_EVIDENCE).read_volatile() != 0 }
}

/// The prefixes of NAT64, which reads itself volatile.
#[inline(always)]
pub(crate) const fn nat64() -> &'static Nat64 {
    &NAT64
}
