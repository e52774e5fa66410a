//! Bounded reads: the only pointer arithmetic of the program, and the helper that reads everywhere.

use core::{ffi::c_void, marker::PhantomData};

use checker_common::bytes::Bytes;

use crate::hook::Hook;

/// The linear part of a packet: cheap, but offsets must be ones that the verifier can follow.
pub(crate) struct Linear {
    start: usize,
    end: usize,
}

impl Linear {
    #[inline(always)]
    pub(crate) fn new(hook: &impl Hook) -> Self {
        Self { start: hook.start(), end: hook.end() }
    }
}

impl Bytes for Linear {
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

/// Bytes of the longest header that is read at once, in words.
const LONGEST: usize = 48;

/// Where the helper puts what it reads. Aligned, or what is copied out of it is copied byte by byte.
#[repr(C, align(8))]
pub(crate) struct Buffer([u8; LONGEST]);

/// All of a packet, at any offset, 15 to 20 ns a read.
pub(crate) struct Whole<H> {
    context: *mut c_void,
    buffer: *mut Buffer,
    hook: PhantomData<H>,
}

impl<H: Hook> Whole<H> {
    /// Reads the packet of `context`.
    ///
    /// # Safety
    ///
    /// `context` is that of a hook of this kind, and `buffer` is valid and nobody else's as long as this is used.
    #[inline(always)]
    pub(crate) const unsafe fn new(context: *mut c_void, buffer: *mut Buffer) -> Self {
        Self { context, buffer, hook: PhantomData }
    }
}

impl<H: Hook> Bytes for Whole<H> {
    #[inline(always)]
    fn get<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        const { assert!(N <= LONGEST) };
        // SAFETY: see `new`; there is room for N bytes.
        let result = unsafe { H::load(self.context, offset as u32, self.buffer.cast(), N as u32) };
        // SAFETY: see `new`; what is not the packet's is from a read before.
        (result == 0).then(|| unsafe { *self.buffer.cast::<[u8; N]>() })
    }
}
