//! EtherType → what follows, or which group of non-IP frames it is. Numbers: IANA "IEEE 802 Numbers", unless
//! another source stands beside them.

use super::state::{State, next};
use crate::outcome::Outcome;

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
/// GRE's name for an Ethernet frame (Transparent Ethernet Bridging, RFC 1701).
pub(super) const BRIDGED_ETHERNET: u16 = 0x6558;

/// Below it stands a length, not a type (IEEE 802.3 clause 3.2.6).
const FIRST_TYPE: u16 = 0x0600;

/// 802.1Q, 802.1ad, and the 0x9100 that switches wrote for stacked tags before 802.1ad.
#[inline(always)]
pub(super) const fn is_tag(ether_type: u16) -> bool {
    matches!(ether_type, 0x8100 | 0x88a8 | 0x9100)
}

/// Goes on behind a header of `length` bytes whose last field is `ether_type`.
#[inline(always)]
pub(super) fn follow(state: &mut State, length: u32, ether_type: u16) -> Result<(), Outcome> {
    let next = match ether_type {
        ..FIRST_TYPE => next::LLC,
        IPV4 => next::IPV4,
        IPV6 => next::IPV6,
        // ARP and reverse ARP have one form.
        0x0806 | 0x8035 => next::ARP,
        tag if is_tag(tag) => next::TAG,
        // Unicast, and multicast or upstream-assigned (RFC 5332).
        0x8847 | 0x8848 => next::MPLS,
        0x8864 => next::PPPOE,
        0x88e5 => next::MACSEC,
        // An LLC header behind an EtherType, for frames longer than a length field can say.
        0x8870 => next::LLC,
        other => return Err(class(other)),
    };
    state.go(length, next)
}

/// The outcome of a frame that carries neither IP nor ARP.
#[inline(always)]
const fn class(ether_type: u16) -> Outcome {
    match ether_type {
        // MAC control (pause), slow protocols (LACP, OAM), EAPOL, LLDP, MVRP, MMRP, PTP, PRP/HSR supervision,
        // connectivity faults (CFM), PPPoE discovery, loopback test, IEEE 1905, multi-chassis (802.1AX DRCP).
        0x8808 | 0x8809 | 0x888e | 0x88cc | 0x88f5 | 0x88f6 | 0x88f7 | 0x88fb | 0x8902 | 0x8863 | 0x9000
        | 0x893a | 0x8952 => Outcome::LinkControl,
        // FCoE, its initialization protocol, ATA over Ethernet, RDMA over converged Ethernet v1 (InfiniBand
        // Architecture annex A16), HyperSCSI.
        0x8906 | 0x8914 | 0x88a2 | 0x8915 | 0x889a => Outcome::Storage,
        _ => Outcome::NotIp,
    }
}
