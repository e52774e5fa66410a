//! IPv6 extension headers (RFC 8200 clause 4), and the authentication header (RFC 4302), which IPv4 has too: each
//! names the next one and its own length.

use super::{
    protocol::{self, AUTHENTICATION, FRAGMENT},
    state::State,
    step::header,
};
use crate::{bytes::Bytes, outcome::Outcome};

/// Most extension headers that are followed.
const MAX_HEADERS: u32 = 8;
/// Fragment offset: the high 13 bits of bytes 2 and 3.
const FRAGMENT_OFFSET: u16 = 0xfff8;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    if state.headers >= MAX_HEADERS {
        return Err(Outcome::HeaderChainTooLong);
    }
    let [next_header, length, offset_high, offset_low, _, _, _, _] = header::<8, _>(bytes, state)?;
    state.headers += 1;
    match state.protocol as u8 {
        FRAGMENT => {
            if u16::from_be_bytes([offset_high, offset_low]) & FRAGMENT_OFFSET != 0 {
                state.here().protocol = next_header;
                return state.end();
            }
            state.offset += 8;
        }
        // In words of 4 bytes, less 2.
        AUTHENTICATION => state.offset += (u32::from(length) + 2) * 4,
        // In words of 8 bytes, less 1.
        _ => state.offset += (u32::from(length) + 1) * 8,
    }
    protocol::follow(state, next_header)
}
