//! One step of the walk: one header, whichever it is. A single function, so that the kernel can run it as the
//! callback of `bpf_loop` and the verifier looks at it once.

use super::{
    arp, ethernet, extension, geneve, gre, gtp, ipv4, ipv6, llc, macsec, mpls, pppoe, state::State,
    state::next, transport, vlan, vxlan,
};
use crate::{bytes::Bytes, outcome::Outcome};

/// Reads the header that the walk stands at. `true` while there is another one to read.
#[inline(always)]
pub fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> bool {
    let read = match state.next {
        next::ETHERNET => ethernet::step(bytes, state),
        next::TAG => vlan::step(bytes, state),
        next::LLC => llc::step(bytes, state),
        next::MPLS => mpls::step(bytes, state),
        next::PPPOE => pppoe::step(bytes, state),
        next::MACSEC => macsec::step(bytes, state),
        next::ARP => arp::step(bytes, state),
        next::IP => mpls::step_ip(bytes, state),
        next::IPV4 => ipv4::step(bytes, state),
        next::IPV6 => ipv6::step(bytes, state),
        next::EXTENSION => extension::step(bytes, state),
        next::TRANSPORT => transport::step(bytes, state),
        next::GRE => gre::step(bytes, state),
        next::ETHERIP => gre::step_etherip(bytes, state),
        next::VXLAN => vxlan::step(bytes, state),
        next::GENEVE => geneve::step(bytes, state),
        next::GTP => gtp::step(bytes, state),
        next::GTP_EXTENSION => gtp::step_extension(bytes, state),
        _ => state.end(),
    };
    if let Err(limit) = read {
        state.stop(limit);
    }
    state.next != next::END
}

/// The `N` bytes of the header, or the outcome of a frame that ends within it.
#[inline(always)]
pub(super) fn header<const N: usize, B: Bytes + ?Sized>(
    bytes: &B,
    state: &State,
) -> Result<[u8; N], Outcome> {
    bytes.get(state.offset as usize).ok_or(Outcome::Truncated)
}
