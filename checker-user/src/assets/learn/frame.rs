//! A frame → the claim in it.

use super::{Claim, arp, dhcp, neighbour};
use crate::assets::mac::is_of_a_machine;

/// VLAN tags that are looked behind. The kernel has taken out the first one of what comes in.
const TAGS: usize = 2;

/// What the frame claims, if it is one that claims something.
#[must_use]
pub fn claim(frame: &[u8]) -> Option<Claim> {
    let mut rest = frame.get(12..)?;
    for _ in 0..=TAGS {
        let (ether_type, packet) = rest.split_first_chunk::<2>()?;
        let claim = match u16::from_be_bytes(*ether_type) {
            0x0800 => dhcp::claim(packet),
            0x0806 => arp::claim(packet),
            0x86dd => neighbour::claim(packet),
            0x8100 | 0x88a8 => {
                rest = packet.get(2..)?;
                continue;
            }
            _ => None,
        };
        return claim.filter(|claim| {
            let address = claim.address;
            is_of_a_machine(claim.mac) && !address.is_unspecified() && !address.is_multicast()
        });
    }
    None
}
