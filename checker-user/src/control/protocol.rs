//! What is said over the control socket.
//!
//! A client sends one line with a [`Request`], the daemon answers one line with a [`Reply`]. After `Reply::Tail`
//! follow lines with [`Event`](crate::alerts::event::Event)s until either side hangs up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    alerts::event::Moment,
    datapath::attach::Mode,
    ranges::{action::Action, generation::ListReport, label::Label, source::ListSpec},
};

/// Where the daemon listens unless told otherwise.
pub const DEFAULT_SOCKET: &str = "/run/checker/checker.sock";

/// Longest request line, in bytes.
pub const MAX_REQUEST: usize = 64 * 1024;

/// What a client asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "lowercase", deny_unknown_fields)]
pub enum Request {
    /// Read these lists; they replace all lists of the labels they name.
    Load {
        /// Absolute paths.
        lists: Vec<ListSpec>,
        /// Lift the guards.
        force: bool,
    },
    /// Drop every list of a label.
    Unload {
        /// The label.
        label: Label,
    },
    /// Read every list again.
    Reload {
        /// Lift the guards.
        force: bool,
    },
    /// Which lists are loaded.
    Lists,
    /// How the daemon is.
    Status,
    /// Take the program off an interface, or off all.
    Detach {
        /// All when `None`.
        interface: Option<String>,
    },
    /// Follow the alert stream.
    Tail {
        /// So many past events first.
        last: usize,
        /// Go on with the ones to come.
        follow: bool,
    },
}

impl Request {
    /// Whether it changes anything; such requests are for root (and the daemon's own user) only.
    #[must_use]
    pub const fn changes(&self) -> bool {
        match self {
            Self::Load { .. } | Self::Unload { .. } | Self::Reload { .. } | Self::Detach { .. } => true,
            Self::Lists | Self::Status | Self::Tail { .. } => false,
        }
    }

    /// The command as the user typed it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Load { .. } => "load",
            Self::Unload { .. } => "unload",
            Self::Reload { .. } => "reload",
            Self::Lists => "lists",
            Self::Status => "status",
            Self::Detach { .. } => "detach",
            Self::Tail { .. } => "tail",
        }
    }
}

/// What the daemon answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "reply", content = "content", rename_all = "lowercase")]
pub enum Reply {
    /// A new generation is active.
    Loaded(Loaded),
    /// The loaded lists.
    Lists(Vec<ListReport>),
    /// How the daemon is.
    Status(Box<Status>),
    /// The program is off these interfaces.
    Detached(Vec<String>),
    /// Events follow.
    Tail,
    /// Nothing was changed; why.
    Refused(String),
}

/// A new generation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loaded {
    /// Its number.
    pub generation: u64,
    /// Lists in it.
    pub lists: usize,
    /// IPv4 ranges in the kernel.
    pub ranges_v4: usize,
    /// IPv6 ranges in the kernel.
    pub ranges_v6: usize,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// From the request to the switch.
    pub milliseconds: f64,
}

/// How the daemon is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// Version of the daemon.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// When it started.
    pub started: Moment,
    /// What it watches.
    pub interfaces: Vec<InterfaceStatus>,
    /// The active generation.
    pub generation: u64,
    /// When it was loaded.
    pub loaded: Moment,
    /// Lists in it.
    pub lists: usize,
    /// IPv4 ranges in it.
    pub ranges_v4: usize,
    /// IPv6 ranges in it.
    pub ranges_v6: usize,
    /// Why the last change of lists was refused; `None` after one that worked.
    pub last_refusal: Option<String>,
    /// Readers of `tail`.
    pub readers: usize,
    /// Packets and alerts.
    pub account: Account,
}

/// One watched interface.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InterfaceStatus {
    /// Its name.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// How the program runs on it.
    pub mode: Mode,
    /// Why it is not native.
    pub fallback: Option<String>,
    /// Whether it is up now.
    pub up: bool,
    /// Whether an XDP program is on it now.
    pub attached: bool,
}

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
}

/// The account of one label. `matched = emitted + lost + queued`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Row {
    /// Packets that lay in a range of an alerting or dropping list.
    pub matched: u64,
    /// Alerts written.
    pub emitted: u64,
    /// Alerts that were lost, by cause.
    pub lost: LostRow,
    /// Alerts on their way; 0 in the account at exit.
    pub queued: u64,
}

/// Lost alerts by cause.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LostRow {
    /// The kernel found the ring buffer full.
    pub ring_full: u64,
    /// The reader of standard output was too slow.
    pub reader_too_slow: u64,
    /// Standard output could not be written.
    pub sink_failed: u64,
}

impl LostRow {
    /// All causes together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.ring_full + self.reader_too_slow + self.sink_failed
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
