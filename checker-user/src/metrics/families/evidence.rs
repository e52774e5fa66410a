//! Packets as evidence.

use super::{one, truth};
use crate::{
    evidence::status::EvidenceStatus,
    metrics::family::{Family, counter, gauge},
};

/// What became of the packets that the kernel copied; only there with `--evidence`.
pub(super) fn evidence(status: &EvidenceStatus) -> [Family; 4] {
    let lost = [("no_room", status.lost.no_room), ("failed", status.lost.failed)];
    let lost = lost.map(|(cause, packets)| (vec![("cause", cause.to_owned())], packets));
    [
        counter("evidence_packets", "Packets that were written as evidence.", [(vec![], status.written)]),
        counter("evidence_lost_packets", "Packets that were not written as evidence, by the cause.", lost),
        gauge("evidence_bytes", "Bytes of all files of evidence.", one(status.bytes as f64)),
        gauge(
            "evidence_failing",
            "Whether evidence cannot be written at present.",
            one(truth(status.failing.is_some())),
        ),
    ]
}
