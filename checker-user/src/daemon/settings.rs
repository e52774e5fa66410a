//! What `checker run` was asked for.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{limit::Rate, sweep::Pace};
use crate::{
    alerts::write::{
        Format,
        sink::{sealed::Sealing, spec::SinkSpec},
    },
    control::access::Readers,
    datapath::{attach::ModeWish, direction::View},
    evidence::spec::EvidenceSpec,
    ranges::spec::ListSpec,
    sandbox::degree::Sandbox,
};

/// What `checker run` was asked for, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Interfaces to watch.
    pub interfaces: Vec<String>,
    /// Lists to start with.
    pub lists: Vec<ListSpec>,
    /// What is looked at.
    pub view: View,
    /// Native or generic.
    pub mode: ModeWish,
    /// Records of machines.
    pub assets: Option<PathBuf>,
    /// Learn who has which address.
    pub learn: bool,
    /// Form of the alerts on standard output.
    pub format: Format,
    /// Sinks beside standard output.
    pub sinks: Vec<SinkSpec>,
    /// The sealed log.
    pub sealing: Option<Sealing>,
    /// Packets as evidence.
    pub evidence: Option<EvidenceSpec>,
    /// Path of the control socket.
    pub control: PathBuf,
    /// Who may read from it.
    pub readers: Readers,
    /// Load the object that writes log lines.
    pub kernel_log: bool,
    /// Where the last good version of fetched lists is kept.
    pub state: PathBuf,
    /// Room in the flow table.
    pub flows: u32,
    /// How the flow table is gone through.
    pub pace: Pace,
    /// Most alerts of a label.
    pub limit: Option<Rate>,
    /// How often the stream tells the account.
    pub stats_every: Duration,
    /// Read lists again when their files change.
    pub watch_lists: bool,
    /// Lift the guards, replace foreign programs.
    pub force: bool,
    /// Where metrics are asked for.
    pub metrics: Option<SocketAddr>,
    /// How old a list may be.
    pub stale: Option<Duration>,
    /// How long no packet may come, where some came.
    pub silence: Duration,
    /// How often the canary is looked for.
    pub canary_every: Duration,
    /// What is given up once it watches.
    pub sandbox: Sandbox,
    /// Further folders that lists may be loaded from in the sandbox.
    pub list_dirs: Vec<PathBuf>,
    /// Attach again where the program was taken off.
    pub reattach: bool,
    /// Have the stream tell of starts, stops and changes.
    pub audit: bool,
    /// What outlives the daemon.
    pub pinning: Option<Pinning>,
}

/// How things are pinned.
#[derive(Clone, Debug)]
pub struct Pinning {
    /// The folder of the interfaces' folders.
    pub root: PathBuf,
    /// Take over from a daemon that runs, and from a program of another build.
    pub replace: bool,
}
