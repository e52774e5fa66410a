//! Bytes → [`Packet`]: pure, no helper calls, the same code in the kernel and on the host.
//!
//! Read: Ethernet II, up to [`MAX_TAGS`](crate::packet::MAX_TAGS) VLAN tags (802.1Q, 802.1ad, and the 0x9100
//! that older switches write), IPv4 with options, IPv6. Everything else is an [`Outcome`] of its own.

mod ethernet;
mod vlan;
mod ipv4;
mod ipv6;
mod ports;

use crate::{bytes::Bytes, outcome::Outcome, packet::Packet};

/// Finds the addresses, or says why there are none.
///
/// # Errors
///
/// The outcome that the packet is to be counted under: `NotIp`, `TooManyTags`, `Truncated` or `Malformed`.
#[inline(always)]
pub fn parse<B: Bytes + ?Sized>(bytes: &B) -> Result<Packet, Outcome> {
    let (ethernet, ether_type) = ethernet::parse(bytes)?;
    let (tags, ether_type, offset) = vlan::parse(bytes, ether_type, ethernet::LENGTH)?;
    match ether_type {
        ethernet::IPV4 => ipv4::parse(bytes, offset, ethernet, tags),
        ethernet::IPV6 => ipv6::parse(bytes, offset, ethernet, tags),
        _ => Err(Outcome::NotIp),
    }
}
