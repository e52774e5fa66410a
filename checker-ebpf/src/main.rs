//! The hook: outcome → XDP action, and nothing else.
#![no_std]
#![no_main]

use aya_ebpf::{
    bindings::xdp_action::{XDP_DROP, XDP_PASS},
    macros::xdp,
    programs::XdpContext,
};
use checker_common::outcome::Outcome;
use checker_ebpf::classify::classify;

/// Minimum kernel version: 5.18, for `xdp.frags` (multi-buffer packets, so that jumbo frames do not keep the
/// program from being attached) and `bpf_xdp_get_buff_len`.
#[xdp(frags)]
fn checker(ctx: XdpContext) -> u32 {
    match classify(&ctx) {
        Outcome::Dropped => XDP_DROP,
        Outcome::Compliant
        | Outcome::Allowed
        | Outcome::Alerted
        | Outcome::NoList
        | Outcome::NotIp
        | Outcome::TooManyTags
        | Outcome::Truncated
        | Outcome::Malformed
        | Outcome::UnknownClass => XDP_PASS,
    }
}

/// Never runs: a reachable panic is a loop that the verifier refuses.
#[cfg(not(test))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// The helpers that the program calls are for GPL-compatible programs only.
#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
