//! A daemon at the end of a cable, and frames into the cable: everything that only real interfaces can show.
//!
//! Each test has namespaces, interfaces, a daemon, a socket and a folder of its own, so that they can run side by side.

mod attach;
mod foreign;
mod alert;
mod tail;
mod load;
mod reload;
mod remember;
mod detach;
mod control;
mod output;
mod object;
mod flood;

use anyhow::Result;
use harness::{
    daemon::Daemon,
    frame::Frame,
    plan::Plan,
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

/// A frame from a source in no list.
fn ordinary() -> Vec<u8> {
    Frame::between("198.51.100.9", "203.0.113.1").udp(623, 40_000).bytes()
}

/// A frame from a source that [`ONE`] does not have and that a second list will have.
fn second() -> Vec<u8> {
    Frame::between("192.0.2.1", "198.51.100.9").bytes()
}
