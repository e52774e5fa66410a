//! Where events go in the end. Each sink has a bounded queue, a thread and counts of its own, so that one which is slow
//! or down holds up neither the daemon nor the others.

pub mod sinks;
pub mod spec;
pub mod tally;
mod untold;
mod queue;
mod writer;
mod outage;
mod output;
mod backoff;
mod about;
mod datagram;
mod lines;
mod stdout;
pub mod file;
pub mod journald;
pub mod syslog;
pub mod webhook;
pub mod sealed;
