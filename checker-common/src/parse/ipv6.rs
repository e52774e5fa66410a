//! IPv6 (RFC 8200). The addresses stand in the fixed header, whatever follows it.

use super::ports;
use crate::{
    bytes::Bytes,
    outcome::Outcome,
    packet::{Addresses, Ethernet, Packet, Tags},
};

/// Bytes of the fixed header.
const LENGTH: usize = 40;

/// The packet whose IPv6 header starts at `offset`.
#[inline(always)]
pub(super) fn parse<B: Bytes + ?Sized>(
    bytes: &B,
    offset: usize,
    ethernet: Ethernet,
    tags: Tags,
) -> Result<Packet, Outcome> {
    let header: [u8; LENGTH] = bytes.get(offset).ok_or(Outcome::Truncated)?;
    let [version, _, _, _, _, _, next_header, _, addresses @ ..] = header;
    let (&source, addresses) = addresses.split_first_chunk::<16>().ok_or(Outcome::Truncated)?;
    let &destination = addresses.first_chunk::<16>().ok_or(Outcome::Truncated)?;
    if version >> 4 != 6 {
        return Err(Outcome::Malformed);
    }
    let ports = ports::parse(bytes, offset + LENGTH, next_header);
    let addresses = Addresses::V6 { source, destination };
    Ok(Packet { ethernet, tags, addresses, protocol: next_header, ports })
}
