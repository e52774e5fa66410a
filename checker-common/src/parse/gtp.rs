//! GTP-U (3GPP TS 29.281 clause 5): eight bytes, four optional ones, extension headers, then an IP packet.

use super::{
    state::{State, next},
    step::header,
};
use crate::{bytes::Bytes, outcome::Outcome};

/// Version 1 and protocol type GTP: the first four bits; the fifth is spare.
const VERSION_TYPE: u8 = 0x30;
const VERSION_TYPE_MASK: u8 = 0xf0;
/// Extension header, sequence number and N-PDU number flags: any of them brings the four optional bytes.
const OPTIONAL: u8 = 0x07;
const EXTENSION: u8 = 0x04;
/// Message type of a user's packet, G-PDU.
const USER_PACKET: u8 = 255;
/// Most extension headers that are followed.
const MAX_HEADERS: u32 = 8;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let [flags, message, _, _, _, _, _, _] = header::<8, _>(bytes, state)?;
    // Echoes and errors carry no user's packet; another version is something else on this port.
    if flags & VERSION_TYPE_MASK != VERSION_TYPE || message != USER_PACKET {
        return state.end();
    }
    state.enter_tunnel()?;
    if flags & OPTIONAL == 0 {
        return state.go(8, next::IP);
    }
    state.offset += 8;
    let [_, _, _, extension] = header(bytes, state)?;
    let more = flags & EXTENSION != 0 && extension != 0;
    state.go(4, if more { next::GTP_EXTENSION } else { next::IP })
}

/// An extension header: its length in words of 4 bytes comes first, the type of the next one last.
#[inline(always)]
pub(super) fn step_extension<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    if state.headers >= MAX_HEADERS {
        return Err(Outcome::HeaderChainTooLong);
    }
    let [words] = header(bytes, state)?;
    if words == 0 {
        return Err(Outcome::Malformed);
    }
    state.headers += 1;
    state.offset += u32::from(words) * 4 - 1;
    let [extension] = header(bytes, state)?;
    if extension == 0 {
        // What was counted were GTP's own; those of the inner packet are counted anew.
        state.headers = 0;
        return state.go(1, next::IP);
    }
    state.go(1, next::GTP_EXTENSION)
}
