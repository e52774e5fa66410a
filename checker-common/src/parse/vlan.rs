//! VLAN tags (IEEE 802.1Q clause 9): two bytes of tag control information, then the EtherType of what follows.

use super::{ether_type, state::State, step::header};
use crate::{bytes::Bytes, outcome::Outcome, packet::MAX_TAGS};

/// Bytes of a tag behind its own EtherType.
pub(super) const LENGTH: usize = 4;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    if state.tags >= MAX_TAGS as u32 {
        return Err(Outcome::TooManyTags);
    }
    let [tci_high, tci_low, type_high, type_low] = header::<LENGTH, _>(bytes, state)?;
    state.tags += 1;
    if state.layer == 0 {
        state.packet.tags.push([tci_high, tci_low]);
    }
    ether_type::follow(state, LENGTH as u32, u16::from_be_bytes([type_high, type_low]))
}
