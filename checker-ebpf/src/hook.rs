//! What XDP and TC tell differently.

use core::ffi::c_void;

use aya_ebpf::{
    EbpfContext,
    helpers::{
        bpf_xdp_get_buff_len,
        generated::{bpf_skb_load_bytes, bpf_xdp_load_bytes},
    },
    programs::{TcContext, XdpContext},
};

/// The packet as the kernel hands it over.
pub trait Hook: EbpfContext + Sized {
    /// Whether packets on this hook are on their way out.
    const OUTGOING: bool;
    /// The hook of a context that the kernel handed to a program of this kind.
    fn of(context: *mut c_void) -> Self;
    /// First byte of the linear part.
    fn start(&self) -> usize;
    /// First byte behind the linear part.
    fn end(&self) -> usize;
    /// Bytes of the whole packet.
    fn length(&self) -> u32;
    /// Index of the interface.
    fn interface(&self) -> u32;
    /// The tag that the hardware takes, or will put, in front of all others.
    fn tag(&self) -> Option<[u8; 2]>;
    /// The EtherType of that tag.
    fn tag_type(&self) -> [u8; 2];
    /// Copies bytes of the packet, wherever the kernel keeps them; 0 when it has them all.
    ///
    /// # Safety
    ///
    /// `context` is that of a hook of this kind, and `to` has room for `length` bytes.
    unsafe fn load(context: *mut c_void, offset: u32, to: *mut c_void, length: u32) -> i64;
}

impl Hook for XdpContext {
    const OUTGOING: bool = false;

    #[inline(always)]
    fn of(context: *mut c_void) -> Self {
        Self::new(context.cast())
    }

    #[inline(always)]
    fn start(&self) -> usize {
        self.data()
    }

    #[inline(always)]
    fn end(&self) -> usize {
        self.data_end()
    }

    #[inline(always)]
    fn length(&self) -> u32 {
        // SAFETY: `ctx` is the context the kernel gave us. The length counts all buffers of the packet.
        unsafe { bpf_xdp_get_buff_len(self.as_ptr().cast()) as u32 }
    }

    #[inline(always)]
    fn interface(&self) -> u32 {
        // SAFETY: `ctx` is the context the kernel gave us, so its fields can be read.
        unsafe { (*self.ctx).ingress_ifindex }
    }

    /// XDP sees the frame before any tag is taken out, or not at all.
    #[inline(always)]
    fn tag(&self) -> Option<[u8; 2]> {
        None
    }

    #[inline(always)]
    fn tag_type(&self) -> [u8; 2] {
        [0; 2]
    }

    #[inline(always)]
    unsafe fn load(context: *mut c_void, offset: u32, to: *mut c_void, length: u32) -> i64 {
        // SAFETY: see this function's own.
        unsafe { bpf_xdp_load_bytes(context.cast(), offset, to, length) }
    }
}

/// A packet where TC sees it, on its way in or out.
pub struct Tc<const OUTGOING: bool>(TcContext);

impl<const OUTGOING: bool> EbpfContext for Tc<OUTGOING> {
    #[inline(always)]
    fn as_ptr(&self) -> *mut c_void {
        self.0.as_ptr()
    }
}

impl<const OUTGOING: bool> Tc<OUTGOING> {
    /// The packet of a program that is attached on this way.
    #[inline(always)]
    #[must_use]
    pub const fn new(context: TcContext) -> Self {
        Self(context)
    }
}

impl<const OUTGOING: bool> Hook for Tc<OUTGOING> {
    const OUTGOING: bool = OUTGOING;

    #[inline(always)]
    fn of(context: *mut c_void) -> Self {
        Self(TcContext::new(context.cast()))
    }

    /// Kept from being widened to 64 bits at a later place, by shifts that the verifier takes for arithmetic with a
    /// pointer.
    #[inline(always)]
    fn start(&self) -> usize {
        opaque(self.0.data())
    }

    #[inline(always)]
    fn end(&self) -> usize {
        opaque(self.0.data_end())
    }

    #[inline(always)]
    fn length(&self) -> u32 {
        self.0.len()
    }

    #[inline(always)]
    fn interface(&self) -> u32 {
        // SAFETY: `skb` is the context the kernel gave us, so its fields can be read.
        unsafe { (*self.0.skb.skb).ifindex }
    }

    /// The stack keeps the outermost tag beside the frame where the hardware writes it (`skb_vlan_tag_present`,
    /// `include/linux/if_vlan.h`).
    #[inline(always)]
    fn tag(&self) -> Option<[u8; 2]> {
        // SAFETY: `skb` is the context the kernel gave us, so its fields can be read.
        let (present, tci) = unsafe { ((*self.0.skb.skb).vlan_present, (*self.0.skb.skb).vlan_tci) };
        (present != 0).then(|| (tci as u16).to_be_bytes())
    }

    /// The kernel keeps it as it stands in a packet.
    #[inline(always)]
    fn tag_type(&self) -> [u8; 2] {
        // SAFETY: `skb` is the context the kernel gave us, so its fields can be read.
        (unsafe { (*self.0.skb.skb).vlan_proto } as u16).to_ne_bytes()
    }

    #[inline(always)]
    unsafe fn load(context: *mut c_void, offset: u32, to: *mut c_void, length: u32) -> i64 {
        // SAFETY: see this function's own.
        unsafe { bpf_skb_load_bytes(context.cast_const(), offset, to, length) }
    }
}

/// The value, of which the compiler knows nothing from here on. `core::hint::black_box` does it by way of the stack, and
/// leaves a pointer there in a register: a function whose result nobody uses may return that, which the verifier refuses.
#[cfg(target_arch = "bpf")]
#[inline(always)]
pub(crate) fn opaque(mut value: usize) -> usize {
    // SAFETY: a register to itself. Without any instruction two lines would stand at one place, which the kernel refuses.
    unsafe { core::arch::asm!("{value} = {value}", value = inout(reg) value, options(nomem, nostack)) };
    value
}

/// Never runs: on the host this crate is compiled only for cargo to know its sources.
#[cfg(not(target_arch = "bpf"))]
pub(crate) const fn opaque(value: usize) -> usize {
    value
}
