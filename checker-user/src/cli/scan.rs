//! What can be typed behind `checker scan`.

use std::{num::NonZero, path::PathBuf};

use clap::{Args, ValueEnum};
use ipnet::Ipv6Net;

use crate::cli::{lists::Lists, switch::Switch};

/// `checker scan`.
#[derive(Debug, Args)]
pub struct Scan {
    /// The lists.
    #[command(flatten)]
    pub lists: Lists,
    /// What is printed: the lines of the log, JSON for each restricted address, or the number of lines.
    #[arg(long, value_enum, default_value_t = Output::Human, value_name = "FORMAT")]
    pub output: Output,
    /// Print the number of matching lines of each file, as `--output count`.
    #[arg(short, long, conflicts_with_all = ["output", "only_matching"])]
    pub count: bool,
    /// Print the restricted addresses only, each on a line of its own.
    #[arg(short, long, conflicts_with = "invert")]
    pub only_matching: bool,
    /// Print, or count, the lines without a restricted address.
    #[arg(long)]
    pub invert: bool,
    /// The file's name before each line; so it is anyway for several files and for folders.
    #[arg(short = 'H', long)]
    pub with_filename: bool,
    /// No file names.
    #[arg(long, conflicts_with = "with_filename")]
    pub no_filename: bool,
    /// The line's number before each line.
    #[arg(short = 'n', long)]
    pub line_number: bool,
    /// Go on with what is added to the file, also when it is rotated or truncated, until Ctrl-C.
    #[arg(long)]
    pub follow: bool,
    /// Which addresses of the packets of a capture are looked at.
    #[arg(long, value_enum, default_value_t = Ends::Both)]
    pub direction: Ends,
    /// Whether to look into tunnels in captures, as `checker run` does.
    #[arg(long, value_enum, default_value_t = Switch::On, value_name = "SWITCH")]
    pub tunnels: Switch,
    /// A prefix behind which the network of a capture has its NAT64, as for `checker run`. Repeatable.
    #[arg(long, value_name = "PREFIX")]
    pub nat64: Vec<Ipv6Net>,
    /// Threads that judge; as many as there are processors otherwise.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// Logs and captures (pcap, pcapng): files, folders with all in them, or - for standard input; gzip and zstd are unpacked.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// Which addresses of a packet are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ends {
    /// Its source.
    Source,
    /// Its destination.
    Destination,
    /// Both.
    Both,
}

/// In which form findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// The lines, as grep prints them.
    Human,
    /// EVE JSON, one line for each restricted address.
    #[value(alias = "json")]
    Eve,
    /// OCSF Detection Findings, one line for each restricted address.
    Ocsf,
    /// Elastic Common Schema, one line for each restricted address.
    Ecs,
    /// The number of matching lines of each file.
    Count,
}
