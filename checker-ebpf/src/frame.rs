//! Bounded reads: the only pointer arithmetic of the program.

use aya_ebpf::programs::XdpContext;
use checker_common::bytes::Bytes;

/// The linear part of a packet, from `data` to `data_end`.
pub(crate) struct Frame {
    start: usize,
    end: usize,
}

impl Frame {
    #[inline(always)]
    pub(crate) fn new(ctx: &XdpContext) -> Self {
        Self { start: ctx.data(), end: ctx.data_end() }
    }
}

impl Bytes for Frame {
    #[inline(always)]
    fn get<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        let first = self.start + offset;
        if first + N > self.end {
            return None;
        }
        // SAFETY: the N bytes lie between `data` and `data_end`, and [u8; N] has alignment 1. The verifier checks
        // the same.
        Some(unsafe { *(first as *const [u8; N]) })
    }
}
