//! Takes from the daemon what it no longer needs once it watches, so that whoever takes over the daemon gets little:
//! capabilities, system calls, and the file system.
//!
//! All three hold for the thread that asks for them and for those that it makes afterwards. So the daemon calls
//! [`confine`](confine::confine) when it has one thread, before sinks, metrics and loading have theirs.

pub mod degree;
pub mod places;
pub mod confine;
pub mod hint;

mod capabilities;
mod files;
mod syscalls;
