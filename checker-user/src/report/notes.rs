//! What a reader of a report must know before its numbers: what is not in it, and why.

use super::{
    gaps::Missing,
    read::Reading,
    tally::Tally,
    units::{counted, second},
};
use crate::printable::printable;

/// What is not in the report though it happened; a sentence a line, never none.
pub(super) fn losses(tally: &Tally) -> Vec<String> {
    let mut told = Vec::new();
    for (place, loss) in &tally.losses {
        let when = format!("{} to {}", second(loss.first), second(loss.last));
        let records = counted(loss.records, "record");
        let packets = counted(loss.packets, "packet");
        told.push(if place == "suppressed" {
            format!("HELD BACK: {packets} beyond the limit of alerts, in {records}, {when}")
        } else {
            format!("LOST: {packets}, {}, in {records}, {when}", cause(place))
        });
    }
    let Missing { within, gaps, between, twice } = tally.gaps.missing();
    if within > 0 {
        told.push(format!(
            "MISSING: {} by their numbers, in {}: lost, filtered out before, or taken out",
            counted(within, "alert"),
            counted(gaps, "gap")
        ));
    }
    if between > 0 {
        told.push(format!(
            "MISSING: {} between the files: is one of them not here?",
            counted(between, "alert")
        ));
    }
    if twice > 0 {
        told.push(format!(
            "TWICE: {} begin with the same alert as another; they count twice",
            counted(twice, "file")
        ));
    }
    if told.is_empty() {
        told.push("no losses: the logs tell of none, and no alert is missing by its number".to_owned());
    }
    if let Some((time, account)) = &tally.account {
        told.push(format!(
            "the daemon's account at {}: matched {} = emitted {} + aggregated {} + suppressed {} + lost {}",
            second(Some(*time)),
            account.matched,
            account.emitted,
            account.aggregated,
            account.suppressed,
            account.lost.total()
        ));
    }
    told
}

/// What the reader of a report should know beside it.
pub(super) fn left_out(reading: &Reading, tally: &Tally) -> Vec<String> {
    let mut told = Vec::new();
    if reading.failed {
        told.push("NOT READ: a file, or not to its end".to_owned());
    }
    if reading.bad > 0 {
        told.push(format!("NOT READ: {} of other programs, or damaged:", counted(reading.bad, "line")));
        told.extend(reading.named.iter().map(|named| format!("  {named}")));
        if reading.bad > reading.named.len() as u64 {
            told.push(format!("  and {} more", reading.bad - reading.named.len() as u64));
        }
    }
    for (count, why) in [(tally.outside, "of another time"), (tally.filtered, "that the filter leaves out")] {
        if count > 0 {
            told.push(format!("left out: {} {why}", counted(count, "record")));
        }
    }
    for (time, incident) in &tally.told {
        told.push(format!("{} the watcher: {}", second(Some(*time)), printable(incident)));
    }
    if tally.incidents > tally.told.len() as u64 {
        let more = tally.incidents - tally.told.len() as u64;
        told.push(format!("and {} more about the watcher", counted(more, "record")));
    }
    told
}

/// Why, in words.
pub(super) fn cause(place: &str) -> String {
    match place {
        "ring_full" => "the ring buffer was full".to_owned(),
        "reader_too_slow" => "the reader of the log was too slow".to_owned(),
        "sink_failed" => "the log could not be written".to_owned(),
        "malformed" => "the record was not understood".to_owned(),
        "flow_evicted" => "the flow table was full".to_owned(),
        other => printable(&other.replace('_', " ")).into_owned(),
    }
}
