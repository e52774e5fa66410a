//! Judges what did not come as a packet, with the same lists and the same index as the kernel's.
//!
//! ```text
//! addresses                                                    checker check: one address
//! files → input → scan → text/, capture/             → summary checker scan: whole files
//!                        blocks → find → judge → lines → write
//! ```
//!
//! `input` looks at the first bytes of each file, and `scan` hands it to the folder that reads its kind.

pub mod addresses;
pub mod files;
pub mod input;
pub mod judge;
pub mod scan;
pub mod text;
pub mod capture;
pub mod most;
pub mod summary;
pub mod progress;
pub mod follow;
