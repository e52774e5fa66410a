//! `checker log`, as it can be typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `checker log`.
#[derive(Debug, Args)]
pub struct Log {
    /// What to do.
    #[command(subcommand)]
    pub command: LogCommand,
}

/// What can be done with a sealed log.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Show what was done to a sealed log: edited, removed, reordered, inserted, truncated; and when nobody watched.
    Verify(Verify),
    /// Prove to somebody else that a record is in a sealed log; the proof is a C2SP tlog-proof.
    Prove(Prove),
    /// Show the public key that this host's sealed logs are checked with.
    Key(KeyFile),
}

/// `checker log verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The log; its tree is looked for beside it, in FILE.tree.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A checkpoint that left the host: a signed note, or lines of the alert stream with checkpoints. Repeatable.
    #[arg(long, value_name = "CHECKPOINT")]
    pub anchor: Vec<PathBuf>,
    /// The public key, or a file with it; without it, the key that the log itself names.
    #[arg(long, value_name = "PUB")]
    pub key: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `checker log prove`.
#[derive(Debug, Args)]
pub struct Prove {
    /// The record: its line in the log, from 1.
    #[arg(value_name = "N")]
    pub line: u64,
    /// The log.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Prove it for this checkpoint, not for the last one in the log.
    #[arg(long, value_name = "CHECKPOINT")]
    pub checkpoint: Option<PathBuf>,
    /// The public key, or a file with it; without it, the key that the log itself names.
    #[arg(long, value_name = "PUB")]
    pub key: Option<String>,
}

/// `checker log key`.
#[derive(Debug, Args)]
pub struct KeyFile {
    /// The key; made by the first `checker run --sealed-log`.
    #[arg(long = "log-key", value_name = "FILE")]
    pub path: Option<PathBuf>,
}
