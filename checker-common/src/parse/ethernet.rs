//! Ethernet II (IEEE 802.3 clause 3): destination, source, EtherType.

use crate::{bytes::Bytes, outcome::Outcome, packet::Ethernet};

/// Bytes of the header.
pub(super) const LENGTH: usize = 14;

/// EtherType of IPv4 (IANA "IEEE 802 Numbers").
pub(super) const IPV4: u16 = 0x0800;
/// EtherType of IPv6.
pub(super) const IPV6: u16 = 0x86dd;

/// The header and the EtherType behind it.
#[inline(always)]
pub(super) fn parse<B: Bytes + ?Sized>(bytes: &B) -> Result<(Ethernet, u16), Outcome> {
    let header: [u8; LENGTH] = bytes.get(0).ok_or(Outcome::Truncated)?;
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, type_high, type_low] = header;
    let ethernet = Ethernet { destination: [d0, d1, d2, d3, d4, d5], source: [s0, s1, s2, s3, s4, s5] };
    Ok((ethernet, u16::from_be_bytes([type_high, type_low])))
}
