//! The commands that change what a running daemon does.

use std::path::PathBuf;

use clap::Args;

use super::{control::Control, lists::ReadingOptions};
use crate::{
    datapath::pins::DEFAULT_PINS,
    ranges::{label::Label, remote::copy::DEFAULT_STATE, spec::ListSpec},
};

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
