//! Source and destination port: the first four bytes of TCP (RFC 9293), UDP (RFC 768) and SCTP (RFC 9260).

use crate::{bytes::Bytes, packet::Ports};

/// The ports at `offset`, if `protocol` has some and the frame reaches that far.
#[inline(always)]
pub(super) fn parse<B: Bytes + ?Sized>(bytes: &B, offset: usize, protocol: u8) -> Option<Ports> {
    // IANA protocol numbers: TCP, UDP, SCTP.
    if !matches!(protocol, 6 | 17 | 132) {
        return None;
    }
    let [s0, s1, d0, d1] = bytes.get::<4>(offset)?;
    Some(Ports { source: [s0, s1], destination: [d0, d1] })
}
