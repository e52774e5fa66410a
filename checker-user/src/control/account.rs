//! What became of every packet and every alert, in packets. `checker status`, the stream's `stats` and the last words at exit
//! tell the same.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::ranges::{action::Action, label::Label};

/// Packets and alerts since the daemon started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Packets that the program saw.
    pub seen: u64,
    /// Packets for which a verdict was reached.
    pub judged: u64,
    /// Packets by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// Records that were not understood; they are part of the total's `lost`.
    pub malformed: u64,
    /// All labels together.
    pub total: Row,
    /// One row a label.
    pub labels: Vec<LabelRow>,
    /// One row a sink, standard output first; its counts are those of the account.
    pub sinks: Vec<SinkRow>,
}

/// The account of one sink, in packets. `given = written + aggregated + lost + queued + spooled`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SinkRow {
    /// Its kind, and where it is; safe to show.
    pub name: String,
    /// Packets of all alerts that it was given.
    pub given: u64,
    /// Alerts that it wrote: one packet each.
    pub written: u64,
    /// The other packets of the alerts that it wrote.
    pub aggregated: u64,
    /// What it lost, by cause.
    pub lost: SinkLost,
    /// What is on its way; 0 in the account at exit.
    pub queued: u64,
    /// What waits on disk, also when the daemon has ended.
    pub spooled: u64,
    /// Why it does not work at present.
    pub failing: Option<String>,
}

/// Packets that a sink lost, by cause.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct SinkLost {
    /// It was slower than alerts came.
    pub too_slow: u64,
    /// It could not be written.
    pub failed: u64,
}

impl SinkLost {
    /// All causes together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.too_slow + self.failed
    }
}

/// The account of one label, in packets: `matched = emitted + aggregated + suppressed + lost + queued`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Row {
    /// Packets that lay in a range of an alerting or dropping list.
    pub matched: u64,
    /// Alerts written.
    pub emitted: u64,
    /// Packets that these alerts stand for beside the first of each.
    pub aggregated: u64,
    /// Packets of alerts that were held back.
    pub suppressed: u64,
    /// Packets of alerts that were lost, by cause.
    pub lost: LostRow,
    /// Packets that are on their way into an alert; 0 in the account at exit.
    pub queued: u64,
}

/// Lost packets by cause.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LostRow {
    /// The kernel found both the flow table and the ring buffer full.
    pub ring_full: u64,
    /// The reader of standard output was too slow.
    pub reader_too_slow: u64,
    /// Their flow had to give way to another one before it was told of.
    pub flow_evicted: u64,
    /// Standard output could not be written.
    pub sink_failed: u64,
}

impl LostRow {
    /// All causes together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.ring_full + self.reader_too_slow + self.flow_evicted + self.sink_failed
    }
}

impl Row {
    /// What is accounted for, whatever became of it.
    #[must_use]
    pub const fn told(&self) -> u64 {
        self.emitted + self.aggregated + self.suppressed + self.lost.total()
    }

    /// Adds another row.
    pub const fn add(&mut self, other: &Self) {
        self.matched += other.matched;
        self.emitted += other.emitted;
        self.aggregated += other.aggregated;
        self.suppressed += other.suppressed;
        self.lost.ring_full += other.lost.ring_full;
        self.lost.reader_too_slow += other.lost.reader_too_slow;
        self.lost.flow_evicted += other.lost.flow_evicted;
        self.lost.sink_failed += other.lost.sink_failed;
        self.queued += other.queued;
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { matched, emitted, aggregated, suppressed, lost, queued } = self;
        write!(f, "matched {matched} = emitted {emitted}")?;
        // Only `lost` is worth being told of when it is 0.
        for (name, packets) in [("aggregated", aggregated), ("suppressed", suppressed)] {
            if *packets > 0 {
                write!(f, " + {name} {packets}")?;
            }
        }
        write!(f, " + lost {}", lost.total())?;
        if *queued > 0 {
            write!(f, " + queued {queued}")?;
        }
        if lost.total() == 0 {
            return Ok(());
        }
        let LostRow { ring_full, reader_too_slow, flow_evicted, sink_failed } = lost;
        write!(
            f,
            " (ring full {ring_full}, reader too slow {reader_too_slow}, flow evicted {flow_evicted}, \
             output failed {sink_failed})"
        )
    }
}

/// The account of one label, with its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LabelRow {
    /// The label.
    pub label: Label,
    /// What its lists ask for.
    pub action: Action,
    /// Its account.
    #[serde(flatten)]
    pub row: Row,
}
