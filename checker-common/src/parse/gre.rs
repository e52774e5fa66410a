//! GRE (RFC 2784, key and sequence RFC 2890), and EtherIP (RFC 3378): a short header, then a protocol.

use super::{
    ether_type::{self, BRIDGED_ETHERNET},
    state::{State, next},
    step::header,
};
use crate::{bytes::Bytes, outcome::Outcome};

const CHECKSUM: u8 = 0x80;
/// Source routing of RFC 1701, given up by RFC 2784: its length is not known before it is walked.
const ROUTING: u8 = 0x40;
const KEY: u8 = 0x20;
const SEQUENCE: u8 = 0x10;
const VERSION: u8 = 0x07;
/// Mirrored frames, type II (draft-foschiano-erspan): 8 bytes, then the frame; type I has no header of its own and
/// no sequence number.
const ERSPAN: u16 = 0x88be;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let [flags, version, type_high, type_low] = header(bytes, state)?;
    state.enter_tunnel()?;
    // Version 1 is PPTP's (RFC 2637): PPP follows, mostly encrypted.
    if flags & ROUTING != 0 || version & VERSION != 0 {
        return Err(Outcome::UnknownHeader);
    }
    let words =
        1 + u32::from(flags & CHECKSUM != 0) + u32::from(flags & KEY != 0) + u32::from(flags & SEQUENCE != 0);
    match u16::from_be_bytes([type_high, type_low]) {
        BRIDGED_ETHERNET => state.go(words * 4, next::ETHERNET),
        ERSPAN => {
            let own = if flags & SEQUENCE == 0 { 0 } else { 8 };
            state.go(words * 4 + own, next::ETHERNET)
        }
        // Not an EtherType: keep-alives are 0, other small numbers are of RFC 1701.
        ..0x0600 => Err(Outcome::UnknownHeader),
        other => ether_type::follow(state, words * 4, other),
    }
}

/// Version 3 in the first four bits, the rest reserved; then an Ethernet frame.
#[inline(always)]
pub(super) fn step_etherip<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let [version, _] = header(bytes, state)?;
    if version >> 4 != 3 {
        return Err(Outcome::UnknownHeader);
    }
    state.go(2, next::ETHERNET)
}
