//! A list's path: from a file that somebody wrote to the table that packets are matched with.
//!
//! ```text
//! source → parse → merge → compile → guard → index → install
//! ```
//!
//! Each step takes the whole result of the one before it, so a list change is all or nothing: a file with one bad
//! line never reaches `merge`, and a set that would blind the watcher never reaches `install`. Up to there
//! nothing touches the kernel, so `checker check` walks the same path and looks addresses up in the same table.

// What a list is called, and what it asks for.
pub mod label;
pub mod action;
pub mod classes;
// The path.
pub mod source;
pub mod parse;
pub mod merge;
pub mod compile;
pub mod guard;
pub mod index;
pub mod install;
pub mod batch;
mod fill;
pub mod lay;
mod retire;
// What is in force, and how it explains itself.
pub mod generation;
