//! Ethernet II and 802.3 (IEEE 802.3 clause 3): destination, source, EtherType or length.

use super::{ether_type, state::State, step::header};
use crate::{bytes::Bytes, outcome::Outcome, packet::Ethernet};

/// Bytes of the header.
pub(super) const LENGTH: usize = 14;

/// Splits the header.
#[inline(always)]
pub(super) const fn split(header: [u8; LENGTH]) -> (Ethernet, u16) {
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, type_high, type_low] = header;
    let ethernet = Ethernet { destination: [d0, d1, d2, d3, d4, d5], source: [s0, s1, s2, s3, s4, s5] };
    (ethernet, u16::from_be_bytes([type_high, type_low]))
}

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let (ethernet, ether_type) = split(header(bytes, state)?);
    if state.layer == 0 {
        state.packet.ethernet = ethernet;
    }
    ether_type::follow(state, LENGTH as u32, ether_type)
}
