//! The account: what the kernel counted beside what the daemon held back and standard output, the first sink, took.
//! `matched = emitted + aggregated + suppressed + lost + queued`.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use aya::maps::MapError;
use checker_common::outcome::Outcome;

use super::{ledger::Ledger, records::Records};
use crate::{
    alerts::write::sink::tally::Tally,
    control::account::{Account, LabelRow, LostRow, Row},
    datapath::counters::Counters,
    ranges::{action::Action, classes::Class},
};

/// Adds it all up.
///
/// # Errors
///
/// What `bpf(2)` said.
pub fn account(
    counters: &Counters,
    sinks: &[Arc<Tally>],
    ledger: &Ledger,
    records: &Records,
    malformed: u64,
) -> Result<Account, MapError> {
    let mut labels = Vec::new();
    let mut total = Row::default();
    let reporting = |(_, class): &(u32, &Class)| class.action != Action::Allow;
    for (id, class) in records.lock().classes.iter().filter(reporting) {
        // What is at the end of the path is read first: `queued` is then never too small.
        let Some(written) = sinks.first().and_then(|primary| primary.class(id)) else { continue };
        let mut row = Row {
            emitted: written.written.load(Relaxed),
            aggregated: written.aggregated.load(Relaxed),
            suppressed: ledger.suppressed(id),
            lost: LostRow {
                ring_full: 0,
                reader_too_slow: written.too_slow.load(Relaxed),
                flow_evicted: ledger.evicted(id),
                sink_failed: written.failed.load(Relaxed),
            },
            ..Row::default()
        };
        let kernel = counters.account(id)?;
        row.lost.ring_full = kernel.ring_full;
        row.matched = kernel.matched;
        row.queued = kernel.matched.saturating_sub(row.told());
        total.add(&row);
        labels.push(LabelRow { label: class.label.clone(), action: class.action, row });
    }
    let outcomes = counters.outcomes()?;
    let judged = Outcome::ALL.into_iter().filter(|outcome| outcome.judged());
    Ok(Account {
        seen: outcomes.iter().sum(),
        judged: judged.map(|outcome| outcomes[outcome.index() as usize]).sum(),
        outcomes: Outcome::ALL
            .into_iter()
            .map(|outcome| (outcome.name().to_owned(), outcomes[outcome.index() as usize]))
            .collect(),
        malformed,
        total,
        labels,
        sinks: sinks.iter().map(|sink| sink.row()).collect(),
    })
}
