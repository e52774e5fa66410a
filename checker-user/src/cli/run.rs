//! `checker run`.

use std::{path::PathBuf, time::Duration};

use checker_common::abi::FLOW_COUNT;
use clap::Args;
use ipnet::Ipv6Net;

use super::{
    control::Control, evidence::EvidenceOptions, health::Health, lists::Lists, pins::PinOptions,
    sealed::SealedOptions, sinks::SinkOptions, switch::Switch, time::duration,
};
use crate::{
    alerts::write::Format,
    daemon::limit::Rate,
    datapath::{attach::ModeWish, direction::Direction},
    sandbox::degree::Sandbox,
};

/// `checker run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Interface to watch. Repeatable.
    #[arg(short, long = "interface", value_name = "IFACE", required = true)]
    pub interfaces: Vec<String>,
    /// The lists.
    #[command(flatten)]
    pub lists: Lists,
    /// Which packets are looked at, and which of their addresses.
    #[arg(long, value_enum, default_value_t = Direction::Ingress)]
    pub direction: Direction,
    /// Whether to look into tunnels too, one level: IPIP, 6in4, 4in6, GRE, VXLAN, Geneve, GTP-U.
    #[arg(long, value_enum, default_value_t = Switch::On, value_name = "SWITCH")]
    pub tunnels: Switch,
    /// A prefix behind which this network's NAT64 puts IPv4 addresses, beside the well-known one. Repeatable.
    #[arg(long, value_name = "PREFIX")]
    pub nat64: Vec<Ipv6Net>,
    /// For what comes in: native runs in the driver; generic works with every driver and costs more.
    #[arg(long, value_enum, default_value_t = ModeWish::Auto)]
    pub mode: ModeWish,
    /// Form of the alerts; human on a terminal, eve elsewhere.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub output: Option<Format>,
    /// Where they go beside standard output.
    #[command(flatten)]
    pub sinks: SinkOptions,
    /// The sealed log.
    #[command(flatten)]
    pub sealed: SealedOptions,
    /// Packets as evidence.
    #[command(flatten)]
    pub evidence: EvidenceOptions,
    /// Records of your machines, by MAC or IP address: CSV with a header, or an export of NetBox; see docs/assets.md.
    #[arg(long, value_name = "FILE")]
    pub assets: Option<PathBuf>,
    /// Whether to learn from ARP, neighbour discovery and DHCP which machine has which address.
    #[arg(long, value_enum, default_value_t = Switch::On, value_name = "SWITCH")]
    pub learn: Switch,
    /// How often a flow that goes on is told of again.
    #[arg(help_heading = FLOWS, long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub every: Duration,
    /// After so long without a packet a flow has ended; its next packet alerts at once.
    #[arg(help_heading = FLOWS, long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub flow_timeout: Duration,
    /// Flows that are known at the same time, 300 bytes each; for more, the one that was idle longest gives way.
    #[arg(help_heading = FLOWS, long, value_name = "N", default_value_t = FLOW_COUNT, value_parser = clap::value_parser!(u32).range(64..=1 << 22))]
    pub flows: u32,
    /// Most alerts of a label, as 100/s; what exceeds it is counted as suppressed.
    #[arg(help_heading = FLOWS, long, value_name = "N/s")]
    pub limit: Option<Rate>,
    /// How often the alerts tell the account.
    #[arg(help_heading = FLOWS, long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub stats_every: Duration,
    /// The control socket.
    #[command(flatten)]
    pub control: Control,
    /// Let members of this group read (tail, status, lists, flows, explain); the socket is made for it.
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// Whether to give up privileges, system calls and most of the file system once it watches; see docs/operating.md.
    #[arg(long, value_enum, default_value_t = Sandbox::On)]
    pub sandbox: Sandbox,
    /// A folder that lists may be loaded from later, beside those of the lists that are named here. Repeatable.
    #[arg(long = "list-dir", value_name = "DIR")]
    pub list_dirs: Vec<PathBuf>,
    /// Whether to read the lists again when their files change.
    #[arg(long, value_enum, default_value_t = Switch::On, value_name = "SWITCH")]
    pub watch_lists: Switch,
    /// How others see that it watches.
    #[command(flatten)]
    pub health: Health,
    /// What outlives it.
    #[command(flatten)]
    pub pins: PinOptions,
    /// Let the kernel program log rare events (a second object, which only checker can load).
    #[arg(long)]
    pub kernel_log: bool,
    /// Load lists that cover everything or this machine, replace a foreign XDP program.
    #[arg(long)]
    pub force: bool,
}

/// The options about flows in a help text.
const FLOWS: &str = "How flows are told of";
