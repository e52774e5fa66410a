//! Neighbour discovery (RFC 4861): a solicitation says who asks, an advertisement who has the address.

use std::net::IpAddr;

use super::Claim;
use crate::{alerts::mac::Mac, assets::machine::MacSource};

/// Bytes of an IPv6 header. Behind extension headers nothing is learned: neighbour discovery has none.
const IPV6: usize = 40;
const ICMPV6: u8 = 58;
const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;
/// Option: hardware address of the sender, or of the target.
const SOURCE: u8 = 1;
const TARGET: u8 = 2;

/// What the sender of a solicitation, or the target of an advertisement, is.
pub(super) fn claim(packet: &[u8]) -> Option<Claim> {
    let (header, message) = packet.split_at_checked(IPV6)?;
    // A hop limit of 255 says that no router forwarded it (section 7.1).
    if header[6] != ICMPV6 || header[7] != 255 {
        return None;
    }
    let sender: [u8; 16] = *header[8..].first_chunk()?;
    let target: [u8; 16] = *message.get(8..)?.first_chunk()?;
    let (address, wanted) = match message {
        [SOLICITATION, 0, ..] => (sender, SOURCE),
        [ADVERTISEMENT, 0, ..] => (target, TARGET),
        _ => return None,
    };
    let mac = option(message.get(24..)?, wanted)?;
    Some(Claim { address: IpAddr::from(address), mac, source: MacSource::Nd })
}

/// The hardware address in the first option of this kind.
fn option(mut options: &[u8], wanted: u8) -> Option<Mac> {
    loop {
        let &[kind, words, ..] = options else { return None };
        let (option, rest) = options.split_at_checked(8 * usize::from(words))?;
        if kind == wanted && words == 1 {
            return Some(Mac(*option.get(2..)?.first_chunk()?));
        }
        if words == 0 {
            return None;
        }
        options = rest;
    }
}
