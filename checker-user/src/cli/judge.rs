//! The commands that look into lists.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{
    control::Control,
    lists::{Lists, ReadingOptions},
};
use crate::ranges::{convert::Target, spec::ListSpec};

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
