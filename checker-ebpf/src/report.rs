//! One record in the ring for each packet from a restricted range.

use aya_ebpf::{btf_maps::RingBuf, helpers::bpf_ktime_get_ns, macros::btf_map};
use checker_common::{
    abi::RING_BYTES,
    action::Action,
    alert::{AlertRecord, Circumstances},
    candidate::Candidate,
    outcome::Outcome,
    packet::Packet,
};

use crate::{count, hook::Hook};

// The unit value type keeps the definition loadable by libbpf, which wants a ring without a value.
#[btf_map]
static ALERTS: RingBuf<(), { RING_BYTES as usize }> = RingBuf::new();

/// Reports the packet if the outcome asks for it, and books it in its class's account.
#[inline(always)]
pub(crate) fn report<H: Hook>(
    hook: &H,
    packet: &Packet,
    matched: &Candidate,
    generation: u64,
    class: u32,
    outcome: Outcome,
) {
    let action = match outcome {
        Outcome::Alerted => Action::Alert,
        Outcome::Dropped => Action::Drop,
        Outcome::UnknownClass => {
            #[cfg(feature = "kernel-log")]
            aya_log_ebpf::warn!(
                hook,
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
        | Outcome::Malformed
        | Outcome::LinkControl
        | Outcome::Storage
        | Outcome::UnknownHeader
        | Outcome::HeaderChainTooLong
        | Outcome::Encrypted
        | Outcome::TunnelTooDeep => return,
    };
    let Some(mut entry) = ALERTS.reserve_untyped::<AlertRecord>(0) else {
        #[cfg(feature = "kernel-log")]
        aya_log_ebpf::warn!(hook, "ring full: a record of class {} is lost", class);
        count::lost(class);
        return;
    };
    entry.write(AlertRecord::new(
        packet,
        matched,
        Circumstances {
            // SAFETY: no arguments; CLOCK_MONOTONIC.
            time: unsafe { bpf_ktime_get_ns() },
            generation,
            class,
            action: action.value() as u8,
            interface: hook.interface(),
            length: hook.length(),
        },
    ));
    entry.submit(0);
    count::emitted(class);
}
