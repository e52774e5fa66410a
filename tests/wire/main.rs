//! A daemon at the end of a cable, and frames into the cable: everything that only real interfaces can show.
//!
//! Each test has namespaces, interfaces, a daemon, a socket and a folder of its own, so that they can run side by side.

mod attach;
mod foreign;
mod framing;
mod kinds;
mod direction;
mod mirror;
mod inside;
mod clsact;
mod hooks;
mod alert;
mod forms;
mod assets;
mod tail;
mod tail_filter;
mod libxdp;
mod load;
mod countries;
mod reload;
mod guard;
mod guarded;
mod follow;
mod fetch;
mod explain;
mod remember;
mod detach;
mod pinned;
mod control;
mod output;
mod log;
mod sealed;
mod journald;
mod metrics;
mod top;
mod canary;
mod syslog;
mod webhook;
mod object;
mod flood;
mod soak;
mod flows;
mod evidence;
mod stats;
mod doctor;
mod faults;
mod sandbox;
mod capabilities;
mod no_capabilities;
mod notify;

use std::ops::Range;

use anyhow::{Context as _, Result};
use harness::{
    daemon::Daemon,
    frame::Frame,
    netns::Namespace,
    plan::Plan,
    runner::Runner,
    veth::{NEAR, Wire},
};

/// The list of most tests.
const ONE: &str = "203.0.113.0/24\n2001:db8::/32\n";

/// A daemon on one interface, with [`ONE`].
fn watched() -> Result<(Wire, Daemon)> {
    let wire = Wire::new()?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.start()?;
    Ok((wire, daemon))
}

/// A frame from a source in [`ONE`].
fn restricted() -> Vec<u8> {
    Frame::between("203.0.113.1", "198.51.100.9").udp(40_000, 623).bytes()
}

/// Runs frames from a source in [`ONE`] through the program on [`NEAR`], each of a flow of its own.
fn run_flows(wire: &Wire, numbers: Range<u32>) -> Result<()> {
    let runner = Runner::of(wire.xdp_program(NEAR)?.context("not attached")?)?;
    for number in numbers {
        let [_, a, high, low] = number.to_be_bytes();
        let port = u16::from_be_bytes([high, low]);
        let destination = format!("198.51.100.{a}");
        runner.run(&Frame::between("203.0.113.1", &destination).udp(40_000, port).bytes(), 1)?;
    }
    Ok(())
}

/// A frame from a source in no list.
fn ordinary() -> Vec<u8> {
    Frame::between("198.51.100.9", "203.0.113.1").udp(623, 40_000).bytes()
}

/// A frame from a source that [`ONE`] does not have and that a second list will have.
fn second() -> Vec<u8> {
    Frame::between("192.0.2.1", "198.51.100.9").bytes()
}

/// Runs `job` in a namespace, with netlink there, as the daemon's own functions want it.
fn on_netlink<T: Send>(
    namespace: &Namespace,
    job: impl AsyncFnOnce(rtnetlink::Handle) -> Result<T> + Send,
) -> Result<T> {
    namespace.enter(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        runtime.block_on(async {
            let (connection, netlink, _) = rtnetlink::new_connection()?;
            tokio::spawn(connection);
            job(netlink).await
        })
    })?
}
