//! A list's path: from a file that somebody wrote to the table that packets are matched with.
//!
//! ```text
//! source → unpack → decode → parse → merge → compile → guard → index → install
//! ```
//!
//! A list with a URL comes by `remote` instead of from a file.
//!
//! `gather` takes every list through the steps up to `parse`; one file may hold several lists.
//!
//! Each step takes the whole result of the one before it, so a list change is all or nothing: a file with one bad
//! line never reaches `merge`, and a set that would blind the watcher never reaches `install`. Up to there
//! nothing touches the kernel, so `checker check` walks the same path and looks addresses up in the same table.

// What a list is called, and what it asks for.
pub mod label;
pub mod action;
pub mod classes;
pub mod country;
pub mod groups;
pub mod reading;
pub mod spec;
pub mod severity;
// The path.
pub mod source;
pub mod remote;
pub mod unpack;
pub mod decode;
pub mod parse;
pub mod gather;
pub mod merge;
pub mod compile;
pub mod guard;
pub mod shrunk;
pub mod canary;
pub mod index;
pub mod tampered;
pub mod install;
pub mod batch;
mod fill;
pub mod lay;
mod retire;
pub mod memory;
// What is in force, and how it explains itself.
pub mod generation;
pub mod stamp;
pub mod watch;
pub mod explain;
// Lists as sets of addresses.
pub mod aggregate;
pub mod difference;
pub mod convert;
