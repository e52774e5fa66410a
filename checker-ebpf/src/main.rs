//! The hooks: outcome → what the kernel does with the packet, and nothing else.
#![no_std]
#![no_main]

use aya_ebpf::{
    bindings::{
        TC_ACT_SHOT, TC_ACT_UNSPEC,
        xdp_action::{XDP_DROP, XDP_PASS},
    },
    macros::{classifier, xdp},
    programs::{TcContext, XdpContext},
};
use checker_common::{candidate::Sides, outcome::Outcome};
use checker_ebpf::{classify::classify, hook::Tc, settings};

/// Minimum kernel version: 5.18, for `xdp.frags` (multi-buffer packets, so that jumbo frames do not keep the
/// program from being attached), `bpf_xdp_get_buff_len` and `bpf_xdp_load_bytes`.
#[xdp(frags)]
fn checker(ctx: XdpContext) -> u32 {
    let sides = Sides { source: true, destination: settings::mirror() };
    if passes(classify(&ctx, sides)) { XDP_PASS } else { XDP_DROP }
}

/// Outgoing packets, whose destination is looked at. Attached by TCX, or under a clsact qdisc before Linux 6.6.
/// Minimum kernel version: 5.17, for `bpf_loop`.
#[classifier]
fn checker_egress(ctx: TcContext) -> i32 {
    let sides = Sides { source: false, destination: true };
    // Unspecified: whatever stands behind this program on the hook has its say.
    if passes(classify(&Tc::<true>::new(ctx), sides)) { TC_ACT_UNSPEC } else { TC_ACT_SHOT as i32 }
}

/// Incoming packets where XDP is another program's: behind it, by TCX only.
/// Minimum kernel version: 6.6, for TCX.
#[classifier]
fn checker_ingress(ctx: TcContext) -> i32 {
    let sides = Sides { source: true, destination: settings::mirror() };
    if passes(classify(&Tc::<false>::new(ctx), sides)) { TC_ACT_UNSPEC } else { TC_ACT_SHOT as i32 }
}

/// Passing is the default: only a match in a list whose action is `drop` drops.
#[inline(always)]
const fn passes(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Dropped => false,
        Outcome::Compliant
        | Outcome::Allowed
        | Outcome::Alerted
        | Outcome::NoList
        | Outcome::NotIp
        | Outcome::TooManyTags
        | Outcome::Truncated
        | Outcome::Malformed
        | Outcome::UnknownClass
        | Outcome::LinkControl
        | Outcome::Storage
        | Outcome::UnknownHeader
        | Outcome::HeaderChainTooLong
        | Outcome::Encrypted
        | Outcome::TunnelTooDeep => true,
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
