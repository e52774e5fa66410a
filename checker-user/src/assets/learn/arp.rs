//! ARP (RFC 826): who asks and who answers both say who they are.

use std::net::IpAddr;

use super::Claim;
use crate::{alerts::mac::Mac, assets::machine::MacSource};

/// Ethernet, IPv4, lengths of 6 and 4.
const ETHERNET_IPV4: [u8; 6] = [0, 1, 8, 0, 6, 4];

/// The sender's. A probe (RFC 5227) has no address yet.
pub(super) fn claim(packet: &[u8]) -> Option<Claim> {
    let (kind, rest) = packet.split_first_chunk::<6>()?;
    let (operation, rest) = rest.split_first_chunk::<2>()?;
    let (mac, rest) = rest.split_first_chunk::<6>()?;
    let address = rest.first_chunk::<4>()?;
    let speaks = *kind == ETHERNET_IPV4 && matches!(operation, [0, 1 | 2]);
    speaks.then_some(Claim { address: IpAddr::from(*address), mac: Mac(*mac), source: MacSource::Arp })
}
