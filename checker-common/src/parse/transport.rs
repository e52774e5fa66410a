//! What stands first behind an IP header: ports of TCP (RFC 9293), UDP (RFC 768) and SCTP (RFC 9260), the flags of TCP,
//! the ICMP type and code (RFC 792, RFC 4443), the target of neighbour discovery (RFC 4861).

use super::{
    protocol::{ICMP, ICMPV6, TCP, UDP},
    state::{State, next},
    step::header,
};
use crate::{
    bytes::Bytes,
    outcome::Outcome,
    packet::{HAS_ICMP_CODE, HAS_ICMP_TYPE, HAS_PORTS, HAS_TARGET, HAS_TCP_FLAGS, Octets, Ports},
};

/// Bytes of a UDP header.
const UDP_LENGTH: u32 = 8;
/// Bytes in front of the flags of TCP.
pub(super) const TCP_FLAGS_OFFSET: u32 = 13;
/// Bytes in front of the target (RFC 4861 clauses 4.3 and 4.4).
const TARGET_OFFSET: u32 = 8;

/// The header that stands behind a UDP port; [`next::END`] for none (IANA "Service Name and Port Numbers").
#[inline(always)]
pub(super) const fn tunnel(port: [u8; 2]) -> u32 {
    match u16::from_be_bytes(port) {
        4789 => next::VXLAN,
        6081 => next::GENEVE,
        2152 => next::GTP,
        _ => next::END,
    }
}

/// Neighbour solicitation and advertisement.
#[inline(always)]
pub(super) const fn has_target(icmp_type: u8) -> bool {
    matches!(icmp_type, 135 | 136)
}

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let protocol = state.protocol as u8;
    if protocol == ICMP || protocol == ICMPV6 {
        return icmp(bytes, state, protocol);
    }
    // No address stands in a header without its ports, unless they would have named a tunnel.
    let Ok([s0, s1, d0, d1]) = header::<4, _>(bytes, state) else {
        return if protocol == UDP { Err(Outcome::Truncated) } else { state.end() };
    };
    let ports = Ports { source: [s0, s1], destination: [d0, d1] };
    let layer = state.here();
    layer.ports = ports;
    layer.has |= HAS_PORTS;
    if protocol == TCP {
        return tcp(bytes, state);
    }
    let next = if protocol == UDP { tunnel(ports.destination) } else { next::END };
    state.go(UDP_LENGTH, next)
}

/// A frame may end before the flags: no address is missed then.
#[inline(always)]
fn tcp<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    state.offset += TCP_FLAGS_OFFSET;
    if let Ok([flags]) = header(bytes, state) {
        let layer = state.here();
        layer.detail = flags;
        layer.has |= HAS_TCP_FLAGS;
    }
    state.end()
}

#[inline(always)]
fn icmp<B: Bytes + ?Sized>(bytes: &B, state: &mut State, protocol: u8) -> Result<(), Outcome> {
    let Ok([icmp_type]) = header(bytes, state) else {
        return if protocol == ICMPV6 { Err(Outcome::Truncated) } else { state.end() };
    };
    let layer = state.here();
    layer.detail = icmp_type;
    layer.has |= HAS_ICMP_TYPE;
    // A frame that ends before the code hides no address by that.
    if let Ok([_, code]) = header(bytes, state) {
        let layer = state.here();
        layer.ports.source = [0, code];
        layer.has |= HAS_ICMP_CODE;
    }
    if protocol == ICMPV6 && has_target(icmp_type) {
        state.offset += TARGET_OFFSET;
        let target = header(bytes, state)?;
        let layer = state.here();
        layer.target = Octets::v6(target);
        layer.has |= HAS_TARGET;
    }
    state.end()
}
