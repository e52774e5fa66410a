//! One record in the ring for each packet from a restricted range.

use aya_ebpf::{
    EbpfContext as _,
    btf_maps::RingBuf,
    helpers::{bpf_ktime_get_ns, bpf_xdp_get_buff_len},
    macros::btf_map,
    programs::XdpContext,
};
use checker_common::{
    abi::RING_BYTES,
    action::Action,
    alert::{AlertRecord, Circumstances},
    outcome::Outcome,
    packet::Packet,
};

use crate::count;

// The unit value type keeps the definition loadable by libbpf, which wants a ring without a value.
#[btf_map]
static ALERTS: RingBuf<(), { RING_BYTES as usize }> = RingBuf::new();

/// Reports the packet if the outcome asks for it, and books it in its class's account.
#[inline(always)]
pub(crate) fn report(ctx: &XdpContext, packet: &Packet, generation: u64, class: u32, outcome: Outcome) {
    let action = match outcome {
        Outcome::Alerted => Action::Alert,
        Outcome::Dropped => Action::Drop,
        Outcome::UnknownClass => {
            #[cfg(feature = "kernel-log")]
            aya_log_ebpf::warn!(
                ctx,
                "generation {} names class {}, which the table does not have",
                generation,
                class
            );
            return;
        }
        Outcome::Compliant
        | Outcome::Allowed
        | Outcome::NoList
        | Outcome::NotIp
        | Outcome::TooManyTags
        | Outcome::Truncated
        | Outcome::Malformed => return,
    };
    let Some(mut entry) = ALERTS.reserve_untyped::<AlertRecord>(0) else {
        #[cfg(feature = "kernel-log")]
        aya_log_ebpf::warn!(ctx, "ring full: a record of class {} is lost", class);
        count::lost(class);
        return;
    };
    entry.write(AlertRecord::new(
        packet,
        Circumstances {
            // SAFETY: no arguments; CLOCK_MONOTONIC.
            time: unsafe { bpf_ktime_get_ns() },
            generation,
            class,
            action: action.value() as u8,
            // SAFETY: `ctx` is the context the kernel gave us, so its fields can be read.
            interface: unsafe { (*ctx.ctx).ingress_ifindex },
            // SAFETY: `ctx` is the context the kernel gave us. The length counts all buffers of the packet.
            length: unsafe { bpf_xdp_get_buff_len(ctx.as_ptr().cast()) } as u32,
        },
    ));
    entry.submit(0);
    count::emitted(class);
}
