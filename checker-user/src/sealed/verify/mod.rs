//! Checks a log: one pass over its lines, in memory that does not grow with it.

pub mod finding;
pub mod anchor;
mod lines;
mod leaves;
mod compare;
mod moved;
mod history;
mod pass;
pub mod report;

pub use lines::line_hash;
pub use report::{Options, Report, named_key, verify};
