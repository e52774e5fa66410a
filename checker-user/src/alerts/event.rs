//! What the alert stream carries, in the shape of Suricata's EVE JSON: flat, one object a line, all of checker's
//! own data under one key. Field names: <https://docs.suricata.io/en/latest/output/eve/eve-json-format.html>.

use serde::{Deserialize, Serialize};

use super::{alert::Alert, facts::Checkpoint, incident::Incident, moment::Moment};
use crate::{control::account::Account, ranges::label::Label};

/// One line of the stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// A packet from a restricted range.
    Alert(Box<Alert>),
    /// Alerts that are missing at this place of the stream.
    Loss(Loss),
    /// The account so far.
    Stats(Box<Stats>),
    /// What happened to the watcher itself.
    Integrity(Integrity),
    /// A checkpoint of the sealed log.
    Checkpoint(Box<Checkpoint>),
}

impl Event {
    /// When it happened, or was noticed.
    #[must_use]
    pub fn timestamp(&self) -> Moment {
        match self {
            Self::Alert(alert) => alert.timestamp,
            Self::Loss(loss) => loss.timestamp,
            Self::Stats(stats) => stats.timestamp,
            Self::Integrity(integrity) => integrity.timestamp,
            Self::Checkpoint(checkpoint) => checkpoint.timestamp,
        }
    }
}

/// Alerts that are missing at this place of the stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loss {
    /// When the loss was noticed.
    pub timestamp: Moment,
    /// `loss`.
    pub event_type: LossType,
    /// What was lost.
    pub loss: Lost,
}

/// The account so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stats {
    /// When.
    pub timestamp: Moment,
    /// `stats`.
    pub event_type: StatsType,
    /// What.
    pub stats: Counts,
}

/// The account so far, and how long that is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Counts {
    /// Seconds since the daemon started.
    pub uptime: u64,
    /// The account.
    #[serde(flatten)]
    pub account: Account,
}

/// How many packets the alerts that were lost stand for, and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lost {
    /// Where.
    pub place: Place,
    /// Their label, where the place knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Packets.
    pub count: u64,
}

/// What happened to the watcher itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Integrity {
    /// When.
    pub timestamp: Moment,
    /// `integrity`.
    pub event_type: IntegrityType,
    /// What.
    pub integrity: Incident,
}

/// Where an alert can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The kernel found the ring buffer full.
    RingFull,
    /// The flow table was full: a flow gave way before it was told of.
    FlowEvicted,
    /// Held back: there were more alerts than `--limit` allows.
    Suppressed,
    /// The reader of this stream was too slow.
    ReaderTooSlow,
    /// The sink could not be written.
    SinkFailed,
    /// The record was not one that this version understands.
    Malformed,
}

/// The constant `integrity`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum IntegrityType {
    /// The constant.
    #[serde(rename = "integrity")]
    Integrity,
}

/// The constant `loss`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum LossType {
    /// The constant.
    #[serde(rename = "loss")]
    Loss,
}

/// The constant `stats`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum StatsType {
    /// The constant.
    #[serde(rename = "stats")]
    Stats,
}
