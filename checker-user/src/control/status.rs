//! How the daemon is: what it answers to `checker status`.

use serde::{Deserialize, Serialize};

use super::account::Account;
use crate::{
    alerts::moment::Moment,
    assets::machines::AssetsStatus,
    datapath::mode::Mode,
    evidence::status::EvidenceStatus,
    ranges::{generation::ListReport, label::Label, memory::Memory},
};

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
    /// What is left of the daemon's privileges, and what restricts the rest.
    #[serde(default)]
    pub sandbox: String,
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
