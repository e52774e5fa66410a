//! IPv6 (RFC 8200). The addresses stand in the fixed header, whatever follows it.

use super::{protocol, state::State, step::header};
use crate::{bytes::Bytes, outcome::Outcome, packet::Octets};

/// Bytes of the fixed header.
pub(super) const LENGTH: usize = 40;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let header: [u8; LENGTH] = header(bytes, state)?;
    if header[0] >> 4 != 6 {
        return Err(Outcome::Malformed);
    }
    let next_header = header[6];
    let [_, _, _, _, _, _, _, _, addresses @ ..] = &header;
    let (Some(source), Some(destination)) = (addresses.first_chunk(), addresses.last_chunk()) else {
        return Err(Outcome::Truncated);
    };
    let layer = state.here();
    layer.family = 6;
    layer.protocol = next_header;
    layer.source = Octets::v6(*source);
    layer.destination = Octets::v6(*destination);
    state.offset += LENGTH as u32;
    protocol::follow(state, next_header)
}
