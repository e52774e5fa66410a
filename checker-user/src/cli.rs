//! What can be typed. Definitions and help texts only; `command/` gives them a meaning.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use checker_common::abi::FLOW_COUNT;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use ipnet::Ipv6Net;
use jiff::SignedDuration;

use crate::{
    alerts::{when::When, write::Format},
    cli_doctor::Doctor,
    cli_evidence::EvidenceOptions,
    cli_health::Health,
    cli_log::Log,
    cli_pins::PinOptions,
    cli_report::Report,
    cli_scan::Scan,
    cli_sealed::SealedOptions,
    cli_sinks::SinkOptions,
    control::protocol::DEFAULT_SOCKET,
    daemon::limit::Rate,
    datapath::{attach::ModeWish, direction::Direction, pins::DEFAULT_PINS},
    ranges::{
        convert::Target, country::Country, label::Label, parse::Format as ListFormat,
        remote::copy::DEFAULT_STATE, source::ListSpec,
    },
};

/// Watches network interfaces in the kernel and tells, live, when a packet comes from a restricted address range.
#[derive(Debug, Parser)]
#[command(name = "checker", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// More diagnostics on standard error; twice for all.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Fewer diagnostics on standard error; twice for errors only.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub quiet: u8,
    /// When to use colours; `auto` honours `NO_COLOR`.
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", global = true)]
    pub color: Color,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, nothing restricted; 1 something restricted was found (check, explain, scan, report), or a difference (diff), or that a log was altered (log verify), or a warning (doctor); 2 error, refused or invalid input.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Attach to interfaces and print alerts until interrupted.
    Run(Box<Run>),
    /// Follow the alerts of a running daemon.
    Tail(Tail),
    /// Load lists into a running daemon; they replace all lists of the labels they name.
    Load(Load),
    /// Drop every list of a label.
    Unload(Unload),
    /// Read every list again; the last good generation stays if one is bad.
    Reload(Reload),
    /// Show the loaded lists; or fetch lists from their URLs.
    Lists(LoadedLists),
    /// Watch a running daemon on the terminal: packets, alerts, flows, losses.
    Top(Top),
    /// Show interfaces, coverage and the account.
    Status(Query),
    /// Show the restricted flows that a daemon knows.
    Flows(Flows),
    /// Take the program off one interface, or off all, which ends the daemon.
    Detach(Detach),
    /// Judge single addresses; needs no daemon and no privileges.
    Check(Check),
    /// Show every range that covers an address, and which one wins; of lists that are named, or of a running daemon.
    Explain(Explain),
    /// Show what would change if lists were loaded: the addresses that come and go.
    Diff(Diff),
    /// Write lists in the form of another tool.
    Convert(Convert),
    /// Show the country groups of the US export regulations that --country-group takes.
    Groups(Groups),
    /// Find restricted addresses in logs and captures; needs no daemon and no privileges.
    Scan(Scan),
    /// Add up logs of alerts: by label, machine, address, service, over time, and what was lost; as a page with --html.
    Report(Report),
    /// Check a sealed log, prove that a record is in it, show its key.
    Log(Log),
    /// Look for what keeps checker from watching here, or from watching well; with remedies.
    Doctor(Doctor),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, or that of one command.
    Man {
        /// The command.
        command: Option<String>,
    },
}

/// Where lists come from.
#[derive(Debug, Args)]
pub struct Lists {
    /// A list of ranges in any format that docs/lists.md names: a file, or an http or https URL. Without a label, the
    /// file's name is it, or each country that is chosen. Repeatable; a label may have several files.
    #[arg(short = 'l', long = "list", value_name = "[LABEL=]PATH")]
    pub lists: Vec<ListSpec>,
    /// A configuration file with `list` tables: label, path or url, action (alert, drop or allow), and how to read it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where `run` and `lists fetch` keep the last good version of lists from URLs, and others look for it.
    #[arg(long, value_name = "DIR", default_value = DEFAULT_STATE)]
    pub state: PathBuf,
    /// How to read them.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// The options of [`ReadingOptions`] in a help text.
const READING: &str = "How lists are read";

/// How the lists of the command line are read; those of a configuration file say it themselves.
#[derive(Debug, Args)]
pub struct ReadingOptions {
    /// Their format; without it, each is recognised by its content.
    #[arg(help_heading = READING, long, value_enum, value_name = "FORMAT", hide_possible_values = true, long_help = FORMAT_HELP)]
    pub format: Option<ListFormat>,
    /// Take the ranges of these countries from files that name countries: rir, mmdb, geolite2, range-csv, geofeed, rpsl.
    #[arg(help_heading = READING, long, value_name = "CC,…", value_delimiter = ',')]
    pub country: Vec<Country>,
    /// The same for all countries of a group, as D:5; see `checker groups`.
    #[arg(help_heading = READING, long, value_name = "GROUP,…", value_delimiter = ',')]
    pub country_group: Vec<String>,
    /// CN does not bring HK.
    #[arg(help_heading = READING, long)]
    pub no_hk: bool,
    /// Another table of country groups than the built-in one.
    #[arg(help_heading = READING, long, value_name = "FILE")]
    pub groups: Option<PathBuf>,
    /// Where the country stands: a path in MMDB records (`country.iso_code`), a column of CSV (name, or number from 1).
    #[arg(help_heading = READING, long, value_name = "FIELD")]
    pub field: Option<String>,
    /// Leave out what is no range, and say so, instead of refusing the file.
    #[arg(help_heading = READING, long)]
    pub lenient: bool,
}

const FORMAT_HELP: &str = "\
Their format: plain, rir, mmdb, geolite2, range-csv, drop, json, geofeed, ipset, nft, rpsl, pfx2as, p2p. Without it, \
each is recognised by its content.";

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
    #[arg(long, value_enum, default_value_t = Switch::On, value_name = "SWITCH")]
    pub sandbox: Switch,
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

/// `500ms`, `1s`, `2m`.
fn duration(text: &str) -> anyhow::Result<Duration> {
    let time: Option<SignedDuration> = text.parse().ok();
    let time = time.and_then(|time| Duration::try_from(time).ok());
    // Less is a busy loop.
    time.filter(|time| *time >= Duration::from_millis(10))
        .context("a time is a number with its unit, as 500ms, 1s or 2m, and at least 10ms")
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// Where the daemon listens.
#[derive(Debug, Args)]
pub struct Control {
    /// Control socket of the daemon.
    #[arg(long = "control", value_name = "SOCKET", default_value = DEFAULT_SOCKET)]
    pub socket: PathBuf,
}

/// `checker tail`.
#[derive(Debug, Args)]
pub struct Tail {
    /// Start with so many past events, of those that are shown.
    #[arg(short = 'n', long, value_name = "N")]
    pub last: Option<usize>,
    /// Start with the past events since then: 10m, 2h30m, 2026-11-25, 2026-11-25T10:00:00Z.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<When>,
    /// Show only such alerts, as 'label=CN and port=623 and asset~gpu-*'; docs/filter.md is the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Stop after the past events.
    #[arg(long)]
    pub no_follow: bool,
    /// Form of the alerts; human on a terminal, eve elsewhere.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub output: Option<Format>,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// `checker load`.
#[derive(Debug, Args)]
pub struct Load {
    /// The lists.
    #[arg(value_name = "[LABEL=]PATH", required = true)]
    pub lists: Vec<ListSpec>,
    /// How to read them.
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// Load lists that cover everything or this machine.
    #[arg(long)]
    pub force: bool,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// `checker unload`.
#[derive(Debug, Args)]
pub struct Unload {
    /// The label whose lists are dropped.
    pub label: Label,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// `checker reload`.
#[derive(Debug, Args)]
pub struct Reload {
    /// Load lists that cover everything or this machine.
    #[arg(long)]
    pub force: bool,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// `checker lists`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LoadedLists {
    /// What to do instead of showing them.
    #[command(subcommand)]
    pub command: Option<ListsCommand>,
    /// How they are shown.
    #[command(flatten)]
    pub query: Query,
}

/// `checker lists fetch`.
#[derive(Debug, Subcommand)]
pub enum ListsCommand {
    /// Fetch lists from their URLs once, and keep those that are good for the next start of the daemon.
    Fetch(Fetch),
}

/// `checker lists fetch`.
#[derive(Debug, Args)]
pub struct Fetch {
    /// The lists; those that are files are left alone.
    #[command(flatten)]
    pub lists: Lists,
    /// Keep lists that shrank, or that cover everything or this machine.
    #[arg(long)]
    pub force: bool,
}

/// `checker lists` and `checker status`.
#[derive(Debug, Args)]
pub struct Query {
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// `checker flows`.
#[derive(Debug, Args)]
pub struct Flows {
    /// The order: the most, or the latest, first.
    #[arg(long, value_enum, default_value_t = Sort::Packets, value_name = "BY")]
    pub sort: Sort,
    /// Only the first so many.
    #[arg(short = 'n', long, value_name = "N")]
    pub first: Option<usize>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// By what flows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Packets.
    Packets,
    /// Bytes.
    Bytes,
    /// The time of the last packet.
    Last,
    /// The time of the first packet.
    First,
}

/// `checker top`.
#[derive(Debug, Args)]
pub struct Top {
    /// How often the daemon is asked.
    #[arg(short, long, value_name = "DURATION", value_parser = duration, default_value = "1s")]
    pub delay: Duration,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// `checker detach`.
#[derive(Debug, Args)]
pub struct Detach {
    /// Only this interface.
    #[arg(short, long, value_name = "IFACE")]
    pub interface: Option<String>,
    /// Where the pins are of a daemon that does not run any more.
    #[arg(long, value_name = "FOLDER", default_value = DEFAULT_PINS)]
    pub pin: PathBuf,
    /// Where that daemon kept what belongs to them.
    #[arg(long, value_name = "DIR", default_value = DEFAULT_STATE)]
    pub state: PathBuf,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// `checker check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The lists.
    #[command(flatten)]
    pub lists: Lists,
    /// Addresses; without any they are read from standard input, one a line.
    #[arg(value_name = "ADDR")]
    pub addresses: Vec<String>,
}

/// `checker explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The lists; without any, those that the daemon has loaded.
    #[command(flatten)]
    pub lists: Lists,
    /// Addresses; without any they are read from standard input, one a line.
    #[arg(value_name = "ADDR")]
    pub addresses: Vec<String>,
    /// As JSON, one line an address.
    #[arg(long)]
    pub json: bool,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// `checker diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The lists.
    #[arg(value_name = "[LABEL=]PATH", required = true)]
    pub lists: Vec<ListSpec>,
    /// Compare with this list, not with what a daemon has loaded. Repeatable; labels must be the same.
    #[arg(long, value_name = "[LABEL=]PATH")]
    pub against: Vec<ListSpec>,
    /// How to read them.
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}

/// `checker convert`.
#[derive(Debug, Args)]
pub struct Convert {
    /// The lists.
    #[command(flatten)]
    pub lists: Lists,
    /// The form.
    #[arg(long, value_enum, default_value_t = Target::Cidr, value_name = "FORM")]
    pub to: Target,
}

/// `checker groups`.
#[derive(Debug, Args)]
pub struct Groups {
    /// What to show; without it, all groups.
    #[command(subcommand)]
    pub command: Option<GroupsCommand>,
    /// As JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Another table than the built-in one.
    #[arg(long, value_name = "FILE", global = true)]
    pub groups: Option<PathBuf>,
}

/// `checker groups show`.
#[derive(Debug, Subcommand)]
pub enum GroupsCommand {
    /// One group: its countries, as of when, and on whose word.
    Show {
        /// Its name, as D:5.
        group: String,
    },
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
