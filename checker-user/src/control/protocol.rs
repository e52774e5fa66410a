//! What is said over the control socket.
//!
//! A client sends one line with a [`Request`], the daemon answers one line with a [`Reply`]. After `Reply::Tail`
//! follow lines with [`Event`](crate::alerts::event::Event)s until either side hangs up.

use std::{collections::BTreeMap, fmt, net::IpAddr, sync::Arc};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{
    alerts::event::{Mac, Moment, Verdict, Way},
    assets::{asset::Asset, machines::AssetsStatus},
    datapath::mode::Mode,
    evidence::status::EvidenceStatus,
    ranges::{
        action::Action, explain::Explanation, generation::ListReport, label::Label, memory::Memory,
        source::ListSpec,
    },
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
    /// Why an address is judged as it is.
    Explain {
        /// The address.
        address: IpAddr,
    },
    /// Which addresses the lists of labels come to.
    Addresses {
        /// The labels.
        labels: Vec<Label>,
    },
    /// How the daemon is.
    Status,
    /// Which restricted flows there are.
    Flows,
    /// Take the program off an interface, or off all.
    Detach {
        /// All when `None`.
        interface: Option<String>,
    },
    /// End, and leave what is pinned to another daemon.
    Leave,
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
            Self::Load { .. }
            | Self::Unload { .. }
            | Self::Reload { .. }
            | Self::Detach { .. }
            | Self::Leave => true,
            Self::Lists
            | Self::Explain { .. }
            | Self::Addresses { .. }
            | Self::Status
            | Self::Flows
            | Self::Tail { .. } => false,
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
            Self::Explain { .. } => "explain",
            Self::Addresses { .. } => "addresses",
            Self::Status => "status",
            Self::Flows => "flows",
            Self::Detach { .. } => "detach",
            Self::Leave => "leave",
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
    /// Why an address is judged as it is.
    Explained(Box<Explanation>),
    /// The addresses of each label, in the order in which they were named.
    Addresses(Vec<LabelAddresses>),
    /// How the daemon is.
    Status(Box<Status>),
    /// The restricted flows.
    Flows(Vec<FlowRow>),
    /// The program is off these interfaces.
    Detached(Vec<String>),
    /// The daemon ends, and leaves what is pinned.
    Leaving,
    /// Events follow.
    Tail {
        /// So many of them are past events.
        past: usize,
        /// How many events there were before the oldest that the daemon keeps.
        forgotten: u64,
    },
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

/// What the lists of a label come to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LabelAddresses {
    /// Whether there is any list of it.
    pub loaded: bool,
    /// The fewest prefixes.
    pub prefixes: Vec<IpNet>,
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
    /// How old each list is.
    pub ages: Vec<ListAge>,
    /// Lists in it.
    pub lists: usize,
    /// IPv4 ranges in it.
    pub ranges_v4: usize,
    /// IPv6 ranges in it.
    pub ranges_v6: usize,
    /// What the active generation takes in the kernel; as it was before, while a change is under way.
    pub memory: Option<Memory>,
    /// Why the last change of lists was refused; `None` after one that worked.
    pub last_refusal: Option<String>,
    /// Whether the program finds what it must find.
    pub canary: CanaryStatus,
    /// Why the daemon is not healthy, a sentence each; empty when it is.
    pub unhealthy: Vec<String>,
    /// The records of machines, if there are any.
    pub assets: Option<AssetsStatus>,
    /// IP addresses of which it was learned whose they are.
    pub learned: usize,
    /// Readers of `tail`.
    pub readers: usize,
    /// Packets as evidence, if they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceStatus>,
    /// Packets and alerts.
    pub account: Account,
}

/// What the last look for the canary came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CanaryStatus {
    /// What it came to.
    pub state: CanaryState,
    /// Why it was not found; `None` when it was.
    pub reason: Option<String>,
    /// When that was.
    pub at: Moment,
    /// Looks since the daemon started.
    pub looks: u64,
    /// How many of them failed.
    pub failures: u64,
}

/// What a look for the canary can come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CanaryState {
    /// Every program finds it.
    Found,
    /// There is none: no list is loaded, or lists cover every address.
    Absent,
    /// A program does not find it.
    Missed,
    /// The kernel did not run a program.
    NotRun,
}

impl CanaryState {
    /// Whether it speaks against the daemon.
    #[must_use]
    pub const fn failed(self) -> bool {
        matches!(self, Self::Missed | Self::NotRun)
    }
}

/// How old a list is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListAge {
    /// What the user calls it.
    pub label: Label,
    /// Its file's name, safe to show.
    pub name: String,
    /// Where it is fetched from, without secrets.
    pub url: Option<String>,
    /// When somebody last wrote to the file that was read; `None` for a pipe and for a list that is fetched.
    pub modified: Option<Moment>,
    /// When it was fetched.
    pub fetched: Option<Moment>,
    /// When its server last said that it is the newest.
    pub confirmed: Option<Moment>,
    /// Why there is no newer one, if something is wrong.
    pub trouble: Option<String>,
    /// The day that the file says it is of, as `2026-07-08`.
    pub as_of: Option<String>,
}

impl From<ListReport> for ListAge {
    fn from(ListReport { label, name, url, modified, as_of, .. }: ListReport) -> Self {
        Self { label, name, url, modified, fetched: None, confirmed: None, trouble: None, as_of }
    }
}

/// One watched interface.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InterfaceStatus {
    /// Its name.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// The program on what it receives; `None` when only what it sends is looked at.
    pub ingress: Option<HookStatus>,
    /// The program on what it sends; `None` when only what it receives is looked at.
    pub egress: Option<HookStatus>,
    /// Whether it takes packets that are for others, on behalf of this daemon.
    pub promiscuous: bool,
    /// Whether it is up now.
    pub up: bool,
}

/// One of the two programs on an interface.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HookStatus {
    /// How it runs there.
    pub mode: Mode,
    /// Why it is not native.
    pub fallback: Option<String>,
    /// Whether it is there now.
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

/// A restricted flow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlowRow {
    /// Source address.
    pub src_ip: IpAddr,
    /// Source port of the first packet.
    pub src_port: Option<u16>,
    /// Destination address.
    pub dest_ip: IpAddr,
    /// Destination port.
    pub dest_port: Option<u16>,
    /// Protocol, as in alerts.
    pub proto: String,
    /// Label of the list.
    pub label: Label,
    /// `allowed` or `blocked`.
    pub action: Verdict,
    /// Name of the interface.
    pub in_iface: String,
    /// VLAN ids of the first packet, outermost first.
    pub vlan: Vec<u16>,
    /// The address that lies in the range.
    pub matched: IpAddr,
    /// The field that it stood in.
    pub side: String,
    /// How it was carried.
    pub via: Option<String>,
    /// Whether the interface received or sent the packets.
    pub direction: Option<Way>,
    /// Source hardware address of the first packet.
    pub src_mac: Option<Mac>,
    /// The longest range that covers the address.
    pub prefix: Option<String>,
    /// The service that usually stands behind the ports.
    pub service: Option<String>,
    /// The machine, if it is known.
    pub asset: Option<Arc<Asset>>,
    /// When the first packet came.
    pub first_seen: Moment,
    /// When the last one came.
    pub last_seen: Moment,
    /// How many there were.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
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
