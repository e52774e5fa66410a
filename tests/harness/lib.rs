//! The test harness: namespaces, frames, a daemon under test.
//!
//! Everything it makes it also removes, by `Drop`, so a test that fails leaves no more behind than one that passes.
//! Everything it waits for it waits for with [`wait::wait_until`], so a test that hangs says what it hung on.

pub mod require;
pub mod wait;
pub mod frame;
pub mod capture;
pub mod lists;
mod tls;
pub mod http;
pub mod runner;
pub mod prog_run;
pub mod netns;
pub mod tmpfs;
pub mod cgroup;
pub mod webhook;
pub mod veth;
pub mod send;
pub mod receive;
pub mod lines;
pub mod process;
pub mod checker;
pub mod plan;
pub mod schema;
pub mod daemon;
pub mod leftovers;
pub mod bpftool;
pub mod stranger;
pub mod egress;
pub mod xdp_tools;
