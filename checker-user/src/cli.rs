//! What can be typed. Definitions and help texts only; `command/` gives them a meaning.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ipnet::Ipv6Net;

use crate::{
    alerts::write::Format,
    control::protocol::DEFAULT_SOCKET,
    datapath::{attach::ModeWish, direction::Direction},
    ranges::{label::Label, source::ListSpec},
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
Exit codes: 0 done, nothing restricted; 1 something restricted was found (check); 2 error, refused or invalid input.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Attach to interfaces and print alerts until interrupted.
    Run(Run),
    /// Follow the alerts of a running daemon.
    Tail(Tail),
    /// Load lists into a running daemon; they replace all lists of the labels they name.
    Load(Load),
    /// Drop every list of a label.
    Unload(Unload),
    /// Read every list again; the last good generation stays if one is bad.
    Reload(Reload),
    /// Show the loaded lists.
    Lists(Query),
    /// Show interfaces, coverage and the account.
    Status(Query),
    /// Take the program off one interface, or off all, which ends the daemon.
    Detach(Detach),
    /// Judge single addresses; needs no daemon and no privileges.
    Check(Check),
}

/// Where lists come from.
#[derive(Debug, Args)]
pub struct Lists {
    /// A list of ranges, one address or prefix a line. Without a label, the file's name is it. Repeatable; a label
    /// may have several files.
    #[arg(short = 'l', long = "list", value_name = "[LABEL=]PATH")]
    pub lists: Vec<ListSpec>,
    /// A configuration file with `list` tables: label, path, action (alert, drop or allow).
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

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
    /// Native runs in the driver; generic works with every driver and costs more.
    #[arg(long, value_enum, default_value_t = ModeWish::Auto)]
    pub mode: ModeWish,
    /// Form of the alerts; human on a terminal, eve elsewhere.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub output: Option<Format>,
    /// The control socket.
    #[command(flatten)]
    pub control: Control,
    /// Let the kernel program log rare events (a second object, which only checker can load).
    #[arg(long)]
    pub kernel_log: bool,
    /// Load lists that cover everything or this machine, replace a foreign XDP program.
    #[arg(long)]
    pub force: bool,
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
    /// Start with so many past events.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 0)]
    pub last: usize,
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

/// `checker detach`.
#[derive(Debug, Args)]
pub struct Detach {
    /// Only this interface.
    #[arg(short, long, value_name = "IFACE")]
    pub interface: Option<String>,
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
