//! What each sink did.

use std::collections::BTreeMap;

use super::truth;
use crate::{
    control::account::{Account, SinkRow},
    metrics::family::{Family, Labels, counter, gauge},
};

/// By the kind of sink, the first word of its name: what follows may be an address.
pub(super) fn sinks(account: &Account) -> [Family; 5] {
    let mut kinds: BTreeMap<&str, SinkRow> = BTreeMap::new();
    for sink in &account.sinks {
        let kind = match sink.name.split(' ').next() {
            Some("standard") | None => "stdout",
            Some(kind) => kind,
        };
        let sum = kinds.entry(kind).or_default();
        sum.written += sink.written;
        sum.aggregated += sink.aggregated;
        sum.queued += sink.queued;
        sum.lost.too_slow += sink.lost.too_slow;
        sum.lost.failed += sink.lost.failed;
        sum.failing = sum.failing.take().or_else(|| sink.failing.clone());
    }
    let named = |kind: &str| vec![("sink", kind.to_owned())];
    let lost = kinds.iter().flat_map(|(kind, sink)| {
        [("too_slow", sink.lost.too_slow), ("failed", sink.lost.failed)].map(|(cause, packets)| {
            (vec![("sink", (*kind).to_owned()), ("cause", cause.to_owned())], packets)
        })
    });
    let gauges = |of: fn(&SinkRow) -> f64| -> Vec<(Labels, f64)> {
        kinds.iter().map(|(kind, sink)| (named(kind), of(sink))).collect()
    };
    [
        counter(
            "sink_alerts",
            "Alerts that a sink wrote.",
            kinds.iter().map(|(kind, sink)| (named(kind), sink.written)),
        ),
        counter(
            "sink_aggregated_packets",
            "Packets that these alerts stand for beside the first of each.",
            kinds.iter().map(|(kind, sink)| (named(kind), sink.aggregated)),
        ),
        counter("sink_lost_packets", "Packets whose alert a sink lost, by the cause.", lost),
        gauge(
            "sink_queued_packets",
            "Packets whose alert waits for a sink.",
            gauges(|sink| sink.queued as f64),
        ),
        gauge(
            "sink_failing",
            "Whether a sink does not work at present.",
            gauges(|sink| truth(sink.failing.is_some())),
        ),
    ]
}
