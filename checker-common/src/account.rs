//! The account that the kernel keeps for each class, on each CPU.

/// Packets of one class on one CPU. `matched = emitted + ring_full` for every class that reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct ClassAccount {
    /// Packets whose longest match was a range of this class.
    pub matched: u64,
    /// Records handed to the ring buffer.
    pub emitted: u64,
    /// Records that found the ring buffer full.
    pub ring_full: u64,
}

const _: () = assert!(size_of::<ClassAccount>() == 24, "raise abi::VERSION when the layout changes");

#[cfg(feature = "user")]
mod user {
    // SAFETY: repr(C), three u64: any bytes are a valid value and there is no padding.
    unsafe impl aya::Pod for super::ClassAccount {}
}
