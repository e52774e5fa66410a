//! `--evidence DIR`: the first packet of each restricted flow, kept as pcapng. One direction: receive → describe → file,
//! on a thread of its own, with a ring of its own: a slow disk costs evidence, which is counted, and nothing else.

mod folder;
mod pcapng;
mod file;
mod keep;
mod thread;
pub mod spec;
pub mod status;

pub use thread::{Ending, Evidence};
