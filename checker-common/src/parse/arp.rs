//! ARP (RFC 826) and reverse ARP (RFC 903): the sender's protocol address is a source, the target's a destination.

use super::{ether_type::IPV4, state::State, step::header};
use crate::{
    bytes::Bytes,
    outcome::Outcome,
    packet::{IS_ARP, Octets},
};

/// Bytes in front of the addresses.
const LENGTH: u32 = 8;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let [_, _, protocol_high, protocol_low, hardware_length, protocol_length, _, _] =
        header::<8, _>(bytes, state)?;
    if u16::from_be_bytes([protocol_high, protocol_low]) != IPV4 {
        return Err(Outcome::NotIp);
    }
    if protocol_length != 4 {
        return Err(Outcome::Malformed);
    }
    let hardware_length = u32::from(hardware_length);
    state.offset += LENGTH + hardware_length;
    let sender = header::<4, _>(bytes, state)?;
    state.offset += 4 + hardware_length;
    let target = header::<4, _>(bytes, state)?;
    let layer = state.here();
    layer.family = 4;
    layer.has = IS_ARP;
    layer.source = Octets::v4(sender);
    layer.destination = Octets::v4(target);
    state.end()
}
