//! One file for each command: what it reads, does and prints.

pub mod run;
pub mod tail;
pub mod change;
pub mod lists;
pub mod status;
pub mod flows;
pub mod top;
pub mod detach;
pub mod check;
pub mod explain;
pub mod fetch;
pub mod diff;
pub mod convert;
pub mod groups;
pub mod scan;
pub mod report;
mod sinks;
pub mod log;
pub mod doctor;
pub mod completions;
pub mod account;
mod dispatch;
mod named;
mod print;

pub use dispatch::carry_out;
