//! Packet captures, judged as the kernel program judges what comes over a wire: by the same parser, the same
//! candidates and the same index.
//!
//! ```text
//! window → pcap, pcapng → record → link → judge → alert
//!                                            └──→ account
//! ```
//!
//! Both formats are read by our own code: pcap-parser 0.17, the crate for it, has neither the obsolete packet block
//! nor resolutions in powers of two, reads the time offset of big-endian sections in the wrong order, must hold
//! blocks whole that nobody asks for, and keeps the reason of a failed read for itself.

mod window;
pub mod record;
mod pcap;
mod pcapng;
pub mod reader;
mod link;
pub mod judge;
mod alert;
pub mod account;
mod scan;
#[cfg(test)]
mod tests;

pub use scan::{Captures, Failure};
