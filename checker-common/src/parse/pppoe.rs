//! PPPoE sessions (RFC 2516): six bytes, then the protocol field of PPP (RFC 1661).

use super::{
    state::{State, next},
    step::header,
};
use crate::{bytes::Bytes, outcome::Outcome};

/// Bytes of the PPPoE header and a PPP protocol field.
const LENGTH: usize = 8;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let [version_type, code, _, _, _, _, high, low] = header::<LENGTH, _>(bytes, state)?;
    if version_type != 0x11 || code != 0 {
        return Err(Outcome::Malformed);
    }
    // An odd first byte is the whole field: protocol field compression (RFC 1661 clause 6.5).
    let (length, protocol) =
        if high & 1 == 1 { (7, u16::from(high)) } else { (8, u16::from_be_bytes([high, low])) };
    // IANA "PPP DLL Protocol Numbers".
    match protocol {
        0x0021 => state.go(length, next::IPV4),
        0x0057 => state.go(length, next::IPV6),
        0x0281 => state.go(length, next::MPLS),
        // Encryption Control Protocol (RFC 1968): individual links and bundles.
        0x0053 | 0x0055 => Err(Outcome::Encrypted),
        // Network and link control protocols.
        0x8000..=0xffff => Err(Outcome::LinkControl),
        _ => Err(Outcome::NotIp),
    }
}
