//! The account: what the kernel counted beside what the output took. `matched = emitted + lost + queued`.

use std::sync::atomic::Ordering::Relaxed;

use aya::maps::MapError;
use checker_common::outcome::Outcome;

use super::records::Records;
use crate::{
    alerts::write::sink::SinkCounts,
    control::protocol::{Account, LabelRow, LostRow, Row},
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
    sink: &SinkCounts,
    records: &Records,
    malformed: u64,
) -> Result<Account, MapError> {
    let mut labels = Vec::new();
    let mut total = Row::default();
    let reporting = |(_, class): &(u32, &Class)| class.action != Action::Allow;
    for (id, class) in records.lock().classes.iter().filter(reporting) {
        // What is at the end of the path is read first: `queued` is then never too small.
        let Some(written) = sink.get(id as usize) else { continue };
        let emitted = written.written.load(Relaxed);
        let mut lost = LostRow {
            ring_full: 0,
            reader_too_slow: written.too_slow.load(Relaxed),
            sink_failed: written.failed.load(Relaxed),
        };
        let kernel = counters.account(id)?;
        lost.ring_full = kernel.ring_full;
        let queued = kernel.matched.saturating_sub(emitted + lost.total());
        let row = Row { matched: kernel.matched, emitted, lost, queued };
        total.matched += row.matched;
        total.emitted += row.emitted;
        total.lost.ring_full += row.lost.ring_full;
        total.lost.reader_too_slow += row.lost.reader_too_slow;
        total.lost.sink_failed += row.lost.sink_failed;
        total.queued += row.queued;
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
    })
}
