//! IPv4 (RFC 791). Addresses stand at a fixed place; options only move the ports.

use super::ports;
use crate::{
    bytes::Bytes,
    outcome::Outcome,
    packet::{Addresses, Ethernet, Packet, Tags},
};

/// Bytes of the header without options.
const LENGTH: usize = 20;
/// Fragment offset in units of 8 bytes: the low 13 bits of bytes 6 and 7.
const FRAGMENT_OFFSET: u16 = 0x1fff;

/// The packet whose IPv4 header starts at `offset`.
#[inline(always)]
pub(super) fn parse<B: Bytes + ?Sized>(
    bytes: &B,
    offset: usize,
    ethernet: Ethernet,
    tags: Tags,
) -> Result<Packet, Outcome> {
    let header: [u8; LENGTH] = bytes.get(offset).ok_or(Outcome::Truncated)?;
    let [version_length, _, _, _, _, _, fragment_high, fragment_low, _, protocol, _, _, rest @ ..] = header;
    let [s0, s1, s2, s3, d0, d1, d2, d3] = rest;
    let header_length = usize::from(version_length & 0x0f) * 4;
    if version_length >> 4 != 4 || header_length < LENGTH {
        return Err(Outcome::Malformed);
    }
    let later_fragment = u16::from_be_bytes([fragment_high, fragment_low]) & FRAGMENT_OFFSET != 0;
    let ports = if later_fragment { None } else { ports::parse(bytes, offset + header_length, protocol) };
    Ok(Packet {
        ethernet,
        tags,
        addresses: Addresses::V4 { source: [s0, s1, s2, s3], destination: [d0, d1, d2, d3] },
        protocol,
        ports,
    })
}
