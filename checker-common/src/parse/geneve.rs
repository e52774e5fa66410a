//! Geneve (RFC 8926): eight bytes, options, then what an EtherType names.

use super::{
    ether_type::{self, BRIDGED_ETHERNET},
    state::{State, next},
    step::header,
};
use crate::{bytes::Bytes, outcome::Outcome};

const LENGTH: u32 = 8;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let [version_length, _, type_high, type_low, _, _, _, _] = header::<8, _>(bytes, state)?;
    // Two bits of version, six of options in words of 4 bytes. Another version is something else on this port.
    if version_length >> 6 != 0 {
        return state.end();
    }
    state.enter_tunnel()?;
    let length = LENGTH + u32::from(version_length & 0x3f) * 4;
    match u16::from_be_bytes([type_high, type_low]) {
        BRIDGED_ETHERNET => state.go(length, next::ETHERNET),
        // Not an EtherType.
        ..0x0600 => Err(Outcome::UnknownHeader),
        other => ether_type::follow(state, length, other),
    }
}
