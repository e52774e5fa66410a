//! The `checker` command and daemon. `docs/architecture.md` tells how it hangs together.

pub mod cli;
pub mod exit_code;
pub mod diagnostics;
pub mod printable;
pub mod config;
pub mod command;
pub mod daemon;
pub mod control;
pub mod datapath;
pub mod ranges;
pub mod alerts;
pub mod offline;
