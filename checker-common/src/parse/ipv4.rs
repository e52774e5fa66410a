//! IPv4 (RFC 791). Addresses stand at a fixed place; options only move what follows.

use super::{protocol, state::State, step::header};
use crate::{bytes::Bytes, outcome::Outcome, packet::Octets};

/// Bytes of the header without options.
pub(super) const LENGTH: usize = 20;
/// Fragment offset in units of 8 bytes: the low 13 bits of bytes 6 and 7.
pub(super) const FRAGMENT_OFFSET: u16 = 0x1fff;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let header: [u8; LENGTH] = header(bytes, state)?;
    let length = u32::from(header[0] & 0x0f) * 4;
    if header[0] >> 4 != 4 || length < LENGTH as u32 {
        return Err(Outcome::Malformed);
    }
    let protocol = header[9];
    let later_fragment = u16::from_be_bytes([header[6], header[7]]) & FRAGMENT_OFFSET != 0;
    let layer = state.here();
    layer.family = 4;
    layer.protocol = protocol;
    layer.source = Octets::v4([header[12], header[13], header[14], header[15]]);
    layer.destination = Octets::v4([header[16], header[17], header[18], header[19]]);
    if later_fragment {
        return state.end();
    }
    state.offset += length;
    protocol::follow(state, protocol)
}
