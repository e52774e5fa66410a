//! Where alerts can go beside standard output, as options of `checker run`.

use std::path::PathBuf;

use clap::Args;

use crate::alerts::write::sink::{
    file::Sync,
    journald::SOCKET,
    syslog::{facility::Facility, message::Payload, target::Target},
};

/// Their heading in the help text.
const FURTHER: &str = "Where alerts go beside standard output";

/// The options.
#[derive(Debug, Args)]
pub struct SinkOptions {
    /// Append EVE lines to this file; it is opened anew on SIGUSR1 and when it was renamed or removed.
    #[arg(help_heading = FURTHER, long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// When what was written to the log is forced onto the disk.
    #[arg(help_heading = FURTHER, long, value_enum, default_value_t = Sync::Second, value_name = "WHEN", requires = "log")]
    pub log_sync: Sync,
    /// Send RFC 5424 messages: udp:ADDRESS:PORT, tcp:ADDRESS:PORT or unix:PATH. Repeatable.
    #[arg(help_heading = FURTHER, long, value_name = "TARGET")]
    pub syslog: Vec<Target>,
    /// The facility of the messages.
    #[arg(help_heading = FURTHER, long, value_enum, default_value_t = Facility::Daemon, value_name = "NAME", hide_possible_values = true, requires = "syslog")]
    pub syslog_facility: Facility,
    /// What the messages carry: EVE JSON, or the Common Event Format (CEF).
    #[arg(help_heading = FURTHER, long, value_enum, default_value_t = Payload::Json, value_name = "FORMAT", requires = "syslog")]
    pub syslog_format: Payload,
    /// Post JSON arrays of at most 500 EVE events to this URL.
    #[arg(help_heading = FURTHER, long, value_name = "URL")]
    pub webhook: Option<String>,
    /// A file with the bearer token for it.
    #[arg(help_heading = FURTHER, long, value_name = "FILE", requires = "webhook")]
    pub webhook_token_file: Option<PathBuf>,
    /// A folder where alerts wait for the webhook, also until the next start.
    #[arg(help_heading = FURTHER, long, value_name = "DIR", requires = "webhook")]
    pub spool: Option<PathBuf>,
    /// How much may wait there, in MiB.
    #[arg(help_heading = FURTHER, long, value_name = "MIB", default_value_t = 256, requires = "spool")]
    pub spool_limit: u64,
    /// Write to the systemd journal, each detail a field of its own.
    #[arg(help_heading = FURTHER, long, value_name = "SOCKET", num_args = 0..=1, require_equals = true, default_missing_value = SOCKET)]
    pub journald: Option<PathBuf>,
}
