//! MACsec (IEEE 802.1AE clause 9). Mostly the rest of the frame is encrypted; with integrity protection alone it
//! can be read.

use super::{ether_type, state::State, step::header};
use crate::{bytes::Bytes, outcome::Outcome};

/// Tag control information: a secure channel identifier of 8 bytes follows (SC).
const HAS_CHANNEL: u8 = 0x20;
/// Tag control information: user data is encrypted (E) or otherwise changed (C).
const CHANGED: u8 = 0x0c;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    // Tag control information, short length, packet number (4), EtherType.
    let [control, _, _, _, _, _, type_high, type_low] = header::<8, _>(bytes, state)?;
    if control & CHANGED != 0 {
        return Err(Outcome::Encrypted);
    }
    if control & HAS_CHANNEL == 0 {
        return ether_type::follow(state, 8, u16::from_be_bytes([type_high, type_low]));
    }
    state.offset += 14;
    let ether_type = u16::from_be_bytes(header(bytes, state)?);
    ether_type::follow(state, 2, ether_type)
}
