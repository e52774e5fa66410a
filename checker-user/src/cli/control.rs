//! The commands that ask a running daemon.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum};

use super::{lists::Lists, time::duration};
use crate::{
    alerts::{when::When, write::Format},
    control::protocol::DEFAULT_SOCKET,
};

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
