//! What can be typed for `checker doctor`.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::{control::Control, time::seconds};
use crate::{datapath::pins::DEFAULT_PINS, ranges::remote::copy::DEFAULT_STATE};

/// `checker doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Look at this interface too. Repeatable.
    #[arg(short, long = "interface", value_name = "IFACE")]
    pub interfaces: Vec<String>,
    /// Where logs are written, or will be: a file or a folder.
    #[arg(long, value_name = "PATH", default_value = "/var/log")]
    pub log: PathBuf,
    /// The folder of pins that daemons leave with --pin.
    #[arg(long, value_name = "FOLDER", default_value = DEFAULT_PINS)]
    pub pin: PathBuf,
    /// Where the daemon keeps lists that it has fetched, and what it leaves beside its pins.
    #[arg(long, value_name = "DIR", default_value = DEFAULT_STATE)]
    pub state: PathBuf,
    /// How old a list of a running daemon, or of what one has left pinned, may be, as 7d or 36h.
    #[arg(long, value_name = "DURATION", value_parser = seconds, default_value = "30d")]
    pub stale: Duration,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// The daemon.
    #[command(flatten)]
    pub control: Control,
}
