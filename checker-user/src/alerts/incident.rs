//! What can happen to the watcher itself: the `integrity` records of the stream.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    alert::Way,
    facts::{Heartbeat, HookFact, ListFact, LogOpened, Peer},
    mac::Mac,
    moment::Moment,
};
use crate::ranges::label::Label;

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
        /// On which interface; `None` when some came, and none reached the program.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interface: Option<String>,
        /// So long.
        seconds: u64,
    },
    /// One came again.
    Heard {
        /// On which interface; `None` for the program.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interface: Option<String>,
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
