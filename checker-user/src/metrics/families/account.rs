//! Packets in restricted ranges, and their alerts.

use crate::{
    control::account::{Account, LabelRow, Row},
    metrics::family::{Family, Labels, counter, gauge},
};

pub(super) fn account(account: &Account) -> Vec<Family> {
    let named = |label: &LabelRow| -> Labels {
        vec![("label", label.label.as_str().to_owned()), ("action", label.action.to_string())]
    };
    let each = |of: fn(&Row) -> u64| -> Vec<(Labels, u64)> {
        account.labels.iter().map(|label| (named(label), of(&label.row))).collect()
    };
    let lost = account.labels.iter().flat_map(|label| {
        let lost = &label.row.lost;
        let causes = [
            ("ring_full", lost.ring_full),
            ("reader_too_slow", lost.reader_too_slow),
            ("flow_evicted", lost.flow_evicted),
            ("sink_failed", lost.sink_failed),
        ];
        causes.map(|(cause, packets)| {
            let mut labels = named(label);
            labels.push(("cause", cause.to_owned()));
            (labels, packets)
        })
    });
    let queued = each(|row| row.queued).into_iter().map(|(labels, packets)| (labels, packets as f64));
    vec![
        counter("matched_packets", "Packets that lay in a restricted range.", each(|row| row.matched)),
        counter("alerts", "Alerts that were written.", each(|row| row.emitted)),
        counter(
            "aggregated_packets",
            "Packets that these alerts stand for beside the first of each.",
            each(|row| row.aggregated),
        ),
        counter(
            "suppressed_packets",
            "Packets of alerts that --limit held back.",
            each(|row| row.suppressed),
        ),
        counter("lost_packets", "Packets whose alert was lost, by the cause.", lost),
        gauge("queued_packets", "Packets whose alert is on its way.", queued),
        counter(
            "ringbuf_dropped",
            "Packets that found the flow table and the ring buffer full.",
            [(Labels::new(), account.total.lost.ring_full)],
        ),
        counter(
            "malformed_records",
            "Records that the daemon did not understand.",
            [(Labels::new(), account.malformed)],
        ),
    ]
}
