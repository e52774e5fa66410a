//! The account that the kernel keeps for each class, on each CPU.

/// Packets of one class on one CPU. What is in neither `alone` nor `ring_full` was folded into a flow of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct ClassAccount {
    /// Packets whose longest match was a range of this class; counted last.
    pub matched: u64,
    /// Records handed to the ring buffer: first packets of flows, and those that stand alone.
    pub emitted: u64,
    /// Those of them that stand alone, because the flow table took no flow for them.
    pub alone: u64,
    /// Packets that the flow table took no flow for, and whose record found the ring buffer full as well.
    pub ring_full: u64,
}

const _: () = assert!(size_of::<ClassAccount>() == 32, "raise abi::VERSION when the layout changes");

#[cfg(feature = "user")]
mod user {
    // SAFETY: repr(C), four u64: any bytes are a valid value and there is no padding.
    unsafe impl aya::Pod for super::ClassAccount {}
}
