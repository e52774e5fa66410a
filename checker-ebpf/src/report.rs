//! Restricted packets: one record in the ring for each flow of them, and the account of their class.

use aya_ebpf::{btf_maps::RingBuf, helpers::bpf_ktime_get_ns, macros::btf_map};
#[cfg(feature = "kernel-log")]
use checker_common::abi::CANARY_CLASS;
use checker_common::{
    abi::RING_BYTES,
    action::Action,
    alert::{AlertRecord, Circumstances},
    candidate::Candidate,
    outcome::Outcome,
    packet::Packet,
};

use crate::{
    count, evidence,
    flow::{self, Flow, Folded, fold},
    hook::Hook,
    settings,
};

// The unit value type keeps the definition loadable by libbpf, which wants a ring without a value.
#[btf_map]
static ALERTS: RingBuf<(), { RING_BYTES as usize }> = RingBuf::new();

/// Whether there is anything to tell of a packet with this outcome: an exception to a list is only counted.
#[inline(always)]
pub(crate) fn is_reported(outcome: Outcome) -> bool {
    outcome != Outcome::Allowed
}

/// Reports the packet if the outcome asks for it, and books it in its class's account.
#[inline(always)]
pub(crate) fn report<H: Hook>(
    hook: &H,
    packet: &Packet,
    matched: &Candidate,
    generation: u64,
    class: u32,
    outcome: Outcome,
    flow: &mut Flow,
) {
    let action = match outcome {
        Outcome::Alerted => Action::Alert,
        Outcome::Dropped => Action::Drop,
        Outcome::UnknownClass => {
            #[cfg(feature = "kernel-log")]
            if class != CANARY_CLASS {
                aya_log_ebpf::warn!(
                    hook,
                    "generation {} names class {}, which the table does not have",
                    generation,
                    class
                );
            }
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
    flow.value.record = AlertRecord::new(
        packet,
        matched,
        Circumstances {
            // SAFETY: no arguments; CLOCK_MONOTONIC.
            time: unsafe { bpf_ktime_get_ns() },
            generation,
            class,
            action: action.value() as u8,
            interface: hook.interface(),
            outgoing: H::OUTGOING,
            length: hook.length(),
        },
    );
    match fold(flow) {
        Folded::Known => {}
        Folded::New => {
            if settings::take_evidence() && evidence::take::<H>(hook.as_ptr(), &mut flow.value.record) {
                flow::mark(flow);
            }
            // Where there is no room the sweep tells of the flow all the same.
            if emit(&flow.value.record) {
                count::emitted(class);
            }
        }
        Folded::Not => {
            if settings::take_evidence() {
                evidence::take::<H>(hook.as_ptr(), &mut flow.value.record);
            }
            if emit(&flow.value.record) {
                count::alone(class);
            } else {
                #[cfg(feature = "kernel-log")]
                aya_log_ebpf::warn!(hook, "table and ring full: a packet of class {} is lost", class);
                count::lost(class);
            }
        }
    }
    // Last: whoever reads it first and the rest later misses none of the rest.
    count::matched(class);
}

/// Puts the record into the ring; whether there was room.
#[inline(always)]
fn emit(record: &AlertRecord) -> bool {
    let Some(mut entry) = ALERTS.reserve_untyped::<AlertRecord>(0) else { return false };
    entry.write(*record);
    entry.submit(0);
    true
}
