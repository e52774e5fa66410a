//! Syslog as RFC 5424 has it, over UDP, TCP or a Unix socket.
//!
//! Own code: the crates for it (`syslog`, `syslog_fmt`) have the header, which is one line here, but no octet counting,
//! no reconnecting and nothing that tells what was delivered.

pub mod target;
pub mod facility;
pub mod message;
mod cef;
pub(super) mod stream;
pub(super) mod udp;
