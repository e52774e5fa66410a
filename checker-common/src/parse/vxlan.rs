//! VXLAN (RFC 7348): eight bytes, then an Ethernet frame.

use super::{
    state::{State, next},
    step::header,
};
use crate::{bytes::Bytes, outcome::Outcome};

const LENGTH: usize = 8;
/// The flag that says that the network identifier is valid; without it this is something else on the same port.
const VALID: u8 = 0x08;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let [flags, _, _, _, _, _, _, _] = header::<LENGTH, _>(bytes, state)?;
    if flags & VALID == 0 {
        return state.end();
    }
    state.enter_tunnel()?;
    state.go(LENGTH as u32, next::ETHERNET)
}
