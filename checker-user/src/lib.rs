//! The `checker` command and daemon. `docs/architecture.md` tells how it hangs together.

pub mod cli;
pub mod cli_scan;
pub mod cli_pins;
mod cli_report;
pub mod cli_sinks;
pub mod cli_health;
pub mod cli_sealed;
pub mod cli_log;
pub mod cli_doctor;
pub mod exit_code;
pub mod diagnostics;
pub mod printable;
pub mod age;
pub mod config;
pub mod command;
pub mod daemon;
pub mod control;
pub mod metrics;
pub mod top;
pub mod datapath;
pub mod ranges;
pub mod alerts;
pub mod sealed;
pub mod assets;
pub mod offline;
pub mod report;
pub mod doctor;
