//! Which machine has which IP address, as the network itself tells: frame → claim → bindings.

mod arp;
pub mod bindings;
mod dhcp;
mod filter;
mod frame;
mod neighbour;
mod socket;
pub mod listen;

use std::net::IpAddr;

pub use self::frame::claim;

use super::machine::MacSource;
use crate::alerts::mac::Mac;

/// Somebody says that an address is a machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The address.
    pub address: IpAddr,
    /// The machine.
    pub mac: Mac,
    /// By what it was said.
    pub source: MacSource,
}

#[cfg(test)]
mod tests;
