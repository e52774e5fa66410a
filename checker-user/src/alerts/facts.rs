//! What records about the watcher itself tell of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::moment::Moment;
use crate::{
    datapath::mode::Mode,
    ranges::{action::Action, generation::ListReport, label::Label},
    sealed::seal::Seal,
};

/// A checkpoint of a sealed log; docs/sealed-log.md tells what it is good for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// When it was signed.
    pub timestamp: Moment,
    /// `checkpoint`.
    pub event_type: CheckpointType,
    /// The checkpoint.
    pub checkpoint: Seal,
}

/// The constant `checkpoint`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum CheckpointType {
    /// The constant.
    #[serde(rename = "checkpoint")]
    Checkpoint,
}

/// A sealed log was opened, and how it was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogOpened {
    /// Its file.
    pub file: String,
    /// Its name in checkpoints.
    pub origin: String,
    /// The key that checks its checkpoints.
    pub key: String,
    /// Records that were in it.
    pub records: u64,
    /// Bytes behind the last whole record that were cut off.
    pub cut_bytes: u64,
    /// Whether its tree was lost and built again.
    pub rebuilt: bool,
    /// Records since the last checkpoint that were not those whose hashes were stored.
    pub differing: u64,
    /// Why there is a new log in the place of another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where that one is now, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// Its last checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Seal>,
}

/// A list that is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFact {
    /// What the user calls it.
    pub label: Label,
    /// Its file's name.
    pub name: String,
    /// What it asks for.
    pub action: Action,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
}

impl From<ListReport> for ListFact {
    fn from(ListReport { label, name, action, sha256, .. }: ListReport) -> Self {
        Self { label, name, action, sha256 }
    }
}

/// A program on an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookFact {
    /// The interface.
    pub interface: String,
    /// Its index.
    pub index: u32,
    /// How the program runs there.
    pub mode: Mode,
    /// The kernel's number for it.
    pub program: u32,
    /// The kernel's hash of its instructions, hexadecimal.
    pub tag: String,
    /// Whether it is there.
    pub attached: bool,
}

/// Who asked for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// User.
    pub uid: u32,
    /// Process.
    pub pid: i32,
}

/// That checker is alive, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Which start of the machine.
    pub boot_id: String,
    /// Since then, in milliseconds, sleep included.
    pub uptime_ms: u64,
    /// Seconds to the next one.
    pub interval_s: u64,
    /// The generation that judges.
    pub generation: u64,
    /// What is attached.
    pub hooks: Vec<HookFact>,
    /// What is loaded.
    pub lists: Vec<ListFact>,
    /// Packets since the start; none of them ever gets smaller.
    pub counters: BTreeMap<String, u64>,
}
