//! MPLS label stacks (RFC 3032). Nothing names the protocol behind the bottom of the stack; its first four bits do,
//! if it is IP (RFC 4928).

use super::{
    state::{State, next},
    step::header,
};
use crate::{bytes::Bytes, outcome::Outcome};

/// Bytes of an entry: label, traffic class, bottom-of-stack bit, time to live.
const LENGTH: usize = 4;
/// The bottom-of-stack bit in the third byte.
const BOTTOM: u8 = 0x01;
/// Most labels that are followed.
const MAX_LABELS: u32 = 8;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    if state.labels >= MAX_LABELS {
        return Err(Outcome::HeaderChainTooLong);
    }
    let [_, _, third, _] = header::<LENGTH, _>(bytes, state)?;
    state.labels += 1;
    let next = if third & BOTTOM == 0 { next::MPLS } else { next::IP };
    state.go(LENGTH as u32, next)
}

/// IP of either version, recognised by its first four bits; for GTP-U as well.
#[inline(always)]
pub(super) fn step_ip<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let [first] = header(bytes, state)?;
    match first >> 4 {
        4 => state.go(0, next::IPV4),
        6 => state.go(0, next::IPV6),
        _ => Err(Outcome::UnknownHeader),
    }
}
