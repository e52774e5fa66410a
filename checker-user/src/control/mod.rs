//! The control socket: newline JSON, one request a connection, one reply line (a stream of events for `tail`).

pub mod protocol;
pub mod status;
pub mod account;
pub mod flow;
pub mod socket;
pub mod access;
pub mod server;
pub mod client;
