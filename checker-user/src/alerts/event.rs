//! What the alert stream carries, in the shape of Suricata's EVE JSON: flat, one object a line, all of checker's
//! own data under one key. Field names: <https://docs.suricata.io/en/latest/output/eve/eve-json-format.html>.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use serde::{Deserialize, Serialize};

use super::facts::{Checkpoint, Heartbeat, HookFact, ListFact, LogOpened, Peer};
pub use super::{mac::Mac, moment::Moment};
use crate::{assets::asset::Asset, control::protocol::Account, datapath::mode::Mode, ranges::label::Label};

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

/// A packet from a restricted range.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// When the kernel saw the packet, or the capture did.
    pub timestamp: Moment,
    /// `alert`.
    pub event_type: AlertType,
    /// Name of the interface; a capture need not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_iface: Option<String>,
    /// The same in all alerts of a flow; a capture has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<u64>,
    /// Number of the packet in its capture, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcap_cnt: Option<u64>,
    /// The capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcap_filename: Option<String>,
    /// Source address of the packet, the outermost one.
    pub src_ip: IpAddr,
    /// Source port, if the packet carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub src_port: Option<u16>,
    /// Destination address of the packet, the outermost one.
    pub dest_ip: IpAddr,
    /// Destination port, if the packet carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dest_port: Option<u16>,
    /// `TCP`, `UDP`, …, `ARP`, or the IANA number.
    pub proto: Cow<'static, str>,
    /// ICMP or ICMPv6 type, if the packet carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icmp_type: Option<u8>,
    /// ICMP or ICMPv6 code, if the packet carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icmp_code: Option<u8>,
    /// TCP's part, if the packet carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<Tcp>,
    /// VLAN ids, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vlan: Vec<u16>,
    /// Hardware addresses, if the packet came with some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ether: Option<Ether>,
    /// Community ID, version 1, where the packet carries what it is made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub community_id: Option<String>,
    /// The part that every EVE reader knows.
    pub alert: Signature,
    /// checker's own part.
    pub checker: Details,
}

/// What TCP tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tcp {
    /// All flags of the flow so far, hexadecimal.
    pub tcp_flags: String,
}

/// Hardware addresses of the frame.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Ether {
    /// Source.
    pub src_mac: Mac,
    /// Destination, which Linux' cooked captures leave out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dest_mac: Option<Mac>,
}

/// The part of an alert that every EVE reader knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signature {
    /// `allowed` or `blocked`.
    pub action: Verdict,
    /// Always 1.
    pub gid: u32,
    /// The class of the label.
    pub signature_id: u32,
    /// Always 1.
    pub rev: u32,
    /// `Restricted region: LABEL`.
    pub signature: String,
    /// `restricted-range`.
    pub category: Cow<'static, str>,
    /// 1 is the highest.
    pub severity: u8,
}

/// What was done with the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Passed.
    Allowed,
    /// Dropped.
    Blocked,
}

/// Which way a packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// In.
    Ingress,
    /// Out.
    Egress,
}

/// Why the alert was raised.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Details {
    /// Number of the alert since the daemon started.
    pub seq: u64,
    /// Label of the list.
    pub label: Label,
    /// The address that lies in the range: an IPv4 one where it was carried in an IPv6 one.
    pub matched: IpAddr,
    /// Whether the interface received or sent the packet; `null` where a capture does not say.
    pub direction: Option<Way>,
    /// The field that it stood in: `src`, `dst`, or `target` of neighbour discovery.
    pub side: Cow<'static, str>,
    /// How it was carried: `6to4`, `nat64`, `mapped`, `teredo`, `isatap`, `inner` or `inner/6to4` and so on; `null` for
    /// the outermost header field itself.
    pub via: Option<String>,
    /// The longest range that covers the address.
    pub prefix: Option<String>,
    /// File name of the list.
    pub list: Option<String>,
    /// SHA-256 of the list, hexadecimal.
    pub list_sha256: Option<String>,
    /// Line of the list.
    pub line: Option<u32>,
    /// Generation that judged the packet.
    pub generation: u64,
    /// On whose word the range is restricted: `operator`.
    pub basis: Cow<'static, str>,
    /// The service that usually stands behind the ports; `null` for none that is known.
    #[serde(default)]
    pub service: Option<Cow<'static, str>>,
    /// How many packets the alert stands for.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// First of them.
    pub first_seen: Moment,
    /// Last of them.
    pub last_seen: Moment,
    /// Hardware address of the machine that the alert is about; see docs/assets.md for which one that is.
    #[serde(default)]
    pub mac: Option<Mac>,
    /// Where it was learned: `l2`, the frame itself; `dhcp`, `arp`, `nd`, `eui64`, `inventory`; `none` where there is none.
    pub mac_source: Cow<'static, str>,
    /// Whose hardware it is, by the first half of that address.
    #[serde(default)]
    pub vendor: Option<String>,
    /// The machine, if it is known.
    pub asset: Option<Arc<Asset>>,
    /// Why the severity is lower than the list's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_reason: Option<String>,
    /// What the flow's first packet is called in the evidence, if it was taken: its `flow_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<u64>,
    /// Mode in which the program runs on the interface: `native` or `generic` for ingress, `tcx` or `clsact` for egress.
    pub mode: Option<Mode>,
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

/// What happened to the watcher itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Incident {
    /// New lists were refused; the ones that were loaded stay.
    ListsRefused {
        /// Why: one sentence, or one a line.
        reason: String,
        /// The generation that stays.
        generation: u64,
    },
    /// A sink does not work.
    SinkFailed {
        /// Which, as in `checker status`.
        name: String,
        /// Why.
        reason: String,
    },
    /// A sink works again.
    SinkRecovered {
        /// Which.
        name: String,
        /// Packets whose alerts were lost to it meanwhile.
        lost: u64,
    },
    /// A program in the kernel does not find an address that it must find: what it says of packets is no proof.
    CanaryFailed {
        /// Which program, which address.
        reason: String,
        /// The generation that is active.
        generation: u64,
    },
    /// It finds it again.
    CanaryRecovered {
        /// The generation that is active.
        generation: u64,
    },
    /// A new version of the records of machines was refused; the last good one stays.
    AssetsRefused {
        /// Why: one sentence, or one a line.
        reason: String,
    },
    /// An address is claimed by another machine than before, and one of the two is a known one, or the address is.
    BindingChanged {
        /// The address.
        address: IpAddr,
        /// The machine that had it.
        before: Mac,
        /// The machine that claims it now.
        claimed: Mac,
        /// By what it does: `arp`, `nd` or `dhcp`.
        source: String,
        /// Whether the first one still counts: a stranger's claim does not rename a known machine.
        stays: bool,
        /// How many such changes were not told before this one, so that nobody can flood the stream with them.
        untold: u64,
    },
    /// The time of day was set.
    ClockStepped {
        /// So many seconds; negative for back.
        seconds: f64,
    },
    /// The sealed log was opened.
    LogOpened(Box<LogOpened>),
    /// checker watches.
    Started {
        /// Its version.
        version: String,
        /// Its process.
        pid: u32,
        /// The generation that judges.
        generation: u64,
        /// What is loaded.
        lists: Vec<ListFact>,
    },
    /// checker ends.
    Stopped {
        /// Why.
        reason: String,
        /// Who sent the signal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Peer>,
    },
    /// Other lists are loaded.
    ListsChanged {
        /// What was asked for: `load`, `unload`, `reload`; or `SIGHUP`, `files` for a change
        /// of their files, `refresh` for one of their URLs.
        command: String,
        /// Who asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Peer>,
        /// The generation that judges now.
        generation: u64,
        /// What is loaded now.
        lists: Vec<ListFact>,
    },
    /// A program was put on an interface.
    Attached(HookFact),
    /// The programs were taken off interfaces.
    Detached {
        /// Which.
        interfaces: Vec<String>,
        /// Who asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Peer>,
    },
    /// checker is alive.
    Heartbeat(Box<Heartbeat>),
    /// This daemon goes on with what another one left in the kernel.
    Adopted {
        /// Which interfaces were judged meanwhile.
        interfaces: Vec<String>,
        /// The generation that they were judged by.
        generation: u64,
        /// The last sign of life of that daemon.
        since: Moment,
        /// Packets that the kernel has seen since then.
        seen: u64,
        /// Those of them that matched. Their flows are told of as any others.
        matched: u64,
    },
    /// A list is older than `--stale` allows.
    ListStale {
        /// What the user calls it.
        label: Label,
        /// Its file's name.
        name: String,
        /// How old it is: one sentence.
        reason: String,
    },
    /// It is not any more.
    ListFresh {
        /// What the user calls it.
        label: Label,
        /// Its file's name.
        name: String,
    },
    /// Packets came, and none has for so long.
    Silent {
        /// So long.
        seconds: u64,
    },
    /// One came again.
    Heard {
        /// After so long.
        seconds: u64,
    },
    /// A map in the kernel is not as it was written.
    MapChanged {
        /// Its name.
        map: String,
        /// What it says, and should say.
        reason: String,
    },
    /// It is again.
    MapRestored {
        /// Its name.
        map: String,
    },
    /// An interface is down, or has no carrier: nothing comes.
    LinkDown {
        /// Which.
        interface: String,
    },
    /// It is up again.
    LinkUp {
        /// Which.
        interface: String,
    },
    /// An interface has another name. It is watched as before.
    InterfaceRenamed {
        /// The name that it had.
        from: String,
        /// The one that it has now.
        interface: String,
    },
    /// An interface was removed.
    InterfaceGone {
        /// The name that it had.
        interface: String,
        /// Its index.
        index: u32,
    },
    /// An interface that was removed is there again, or another one of its name.
    InterfaceReturned {
        /// Its name.
        interface: String,
        /// Its index.
        index: u32,
        /// Whether it is watched: only `--reattach` does that.
        attached: bool,
    },
    /// checker's program is not where it was put.
    HookLost {
        /// Where.
        interface: String,
        /// On which way of packets.
        hook: Way,
        /// What was done to it.
        reason: String,
    },
    /// It is there again.
    HookRestored {
        /// Where.
        interface: String,
        /// On which way of packets.
        hook: Way,
    },
    /// It could not be put on again.
    ReattachFailed {
        /// Where.
        interface: String,
        /// Why.
        reason: String,
    },
}

impl Incident {
    /// Whether it tells that something is well again.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(
            self,
            Self::LinkUp { .. }
                | Self::HookRestored { .. }
                | Self::InterfaceReturned { attached: true, .. }
                | Self::CanaryRecovered { .. }
                | Self::ListFresh { .. }
                | Self::Heard { .. }
                | Self::MapRestored { .. }
                | Self::SinkRecovered { .. }
        )
    }

    /// Whether it is the life of the watcher as it should be: in the stream unless `--audit off`, and of the sealed log
    /// always.
    #[must_use]
    pub const fn is_routine(&self) -> bool {
        match self {
            Self::ListsRefused { .. }
            | Self::AssetsRefused { .. }
            | Self::BindingChanged { .. }
            | Self::CanaryFailed { .. }
            | Self::ClockStepped { .. }
            | Self::CanaryRecovered { .. }
            | Self::SinkFailed { .. }
            | Self::SinkRecovered { .. }
            | Self::Adopted { .. }
            | Self::ListStale { .. }
            | Self::ListFresh { .. }
            | Self::Silent { .. }
            | Self::Heard { .. }
            | Self::MapChanged { .. }
            | Self::MapRestored { .. }
            | Self::LinkDown { .. }
            | Self::LinkUp { .. }
            | Self::InterfaceRenamed { .. }
            | Self::InterfaceGone { .. }
            | Self::InterfaceReturned { .. }
            | Self::HookLost { .. }
            | Self::HookRestored { .. }
            | Self::ReattachFailed { .. }
            | Self::LogOpened(_) => false,
            Self::Started { .. }
            | Self::Stopped { .. }
            | Self::ListsChanged { .. }
            | Self::Attached(_)
            | Self::Detached { .. }
            | Self::Heartbeat(_) => true,
        }
    }
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

/// The constant `alert`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum AlertType {
    /// The constant.
    #[serde(rename = "alert")]
    Alert,
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
