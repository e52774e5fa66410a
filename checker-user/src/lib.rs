//! The `checker` command and daemon. `docs/architecture.md` tells how it hangs together.

pub mod cli;
pub mod exit_code;
pub mod diagnostics;
pub mod printable;
pub mod age;
pub mod durable;
pub mod config;
pub mod command;
pub mod daemon;
pub mod sandbox;
pub mod control;
pub mod metrics;
pub mod top;
pub mod datapath;
pub mod ranges;
pub mod alerts;
pub mod sealed;
pub mod evidence;
pub mod assets;
pub mod offline;
pub mod report;
pub mod doctor;
