//! The sealed log of `checker run`, as options.

use std::{path::PathBuf, time::Duration};

use clap::{Args, builder::RangedU64ValueParser};

use crate::alerts::write::sink::sealed::Sealing;

const HEADING: &str = "A log that shows what was done to it";

/// The options.
#[derive(Debug, Args)]
pub struct SealedOptions {
    /// Write all records to this file too, with a tree of hashes beside it and signed checkpoints in it, so that
    /// `checker log verify` finds whatever is changed later.
    #[arg(help_heading = HEADING, long, value_name = "FILE")]
    pub sealed_log: Option<PathBuf>,
    /// The key that signs; made where it is missing. Default: /var/lib/checker/log.key, or the systemd credential
    /// log.key.
    #[arg(help_heading = HEADING, long, value_name = "FILE", requires = "sealed_log")]
    pub log_key: Option<PathBuf>,
    /// A checkpoint and a heartbeat every so many seconds, also when nothing happens.
    #[arg(help_heading = HEADING, long, value_name = "SECONDS", default_value_t = 60, value_parser = RangedU64ValueParser::<u64>::new().range(1..=86_400), requires = "sealed_log")]
    pub seal_every: u64,
    /// And a checkpoint after so many records.
    #[arg(help_heading = HEADING, long, value_name = "N", default_value_t = 1024, value_parser = RangedU64ValueParser::<u64>::new().range(1..=65_536), requires = "sealed_log")]
    pub seal_records: u64,
}

impl SealedOptions {
    /// The log that was asked for.
    #[must_use]
    pub fn sealing(&self) -> Option<Sealing> {
        let Self { sealed_log, log_key, seal_every, seal_records } = self;
        Some(Sealing {
            path: sealed_log.clone()?,
            key: log_key.clone(),
            records: *seal_records,
            interval: Duration::from_secs(*seal_every),
        })
    }
}
