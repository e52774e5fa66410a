//! IPv4 protocol or IPv6 next header → what follows. Numbers: IANA "Assigned Internet Protocol Numbers".

use super::state::{State, next};
use crate::outcome::Outcome;

pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const SCTP: u8 = 132;
pub(super) const ICMPV6: u8 = 58;
pub(super) const FRAGMENT: u8 = 44;
pub(super) const AUTHENTICATION: u8 = 51;

/// Goes on at a header that `protocol` names, at the walk's offset.
#[inline(always)]
pub(super) fn follow(state: &mut State, protocol: u8) -> Result<(), Outcome> {
    let version_6 = state.here().family == 6;
    state.here().protocol = protocol;
    state.protocol = u32::from(protocol);
    let next = match protocol {
        TCP | UDP | SCTP => next::TRANSPORT,
        ICMP if !version_6 => next::TRANSPORT,
        ICMPV6 if version_6 => next::TRANSPORT,
        AUTHENTICATION => next::EXTENSION,
        // Hop-by-hop and destination options, routing, fragment (RFC 8200), mobility (RFC 6275), HIP (RFC 7401),
        // shim6 (RFC 5533): IANA "IPv6 Extension Header Types".
        0 | 60 | 43 | FRAGMENT | 135 | 139 | 140 if version_6 => next::EXTENSION,
        // IPv4 (RFC 2003), IPv6 (RFC 4213), GRE, EtherIP (RFC 3378), MPLS (RFC 4023), Ethernet (RFC 8986).
        4 | 41 | 97 | 137 | 143 => {
            state.enter_tunnel()?;
            match protocol {
                4 => next::IPV4,
                41 => next::IPV6,
                97 => next::ETHERIP,
                137 => next::MPLS,
                _ => next::ETHERNET,
            }
        }
        47 => next::GRE,
        // ESP (RFC 4303).
        50 => return Err(Outcome::Encrypted),
        // Mobile IP's minimal encapsulation (RFC 2004), IP compression (RFC 3173), L2TP version 3 (RFC 3931),
        // network service header (RFC 9491): addresses may follow, in a form that is not read.
        55 | 108 | 115 | 145 => return Err(Outcome::UnknownHeader),
        // Not assigned, experimental (RFC 3692), reserved: it may be an extension header (RFC 8200 clause 4).
        148.. if version_6 => return Err(Outcome::UnknownHeader),
        // All others end the chain, and no address stands behind them. 59 says so itself.
        _ => next::END,
    };
    state.go(0, next)
}
