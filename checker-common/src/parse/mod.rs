//! Bytes → [`Packet`]: pure, no helper calls, the same code in the kernel and on the host.
//!
//! Two ways to the same answer: [`fast`] for what nearly every packet is, [`State`] and [`step`] for everything: the
//! kernel runs the step as the callback of `bpf_loop`, [`parse`] in a loop. Wherever `fast` answers, they agree.

mod state;
mod step;
mod fast;
mod ethernet;
mod ether_type;
mod vlan;
mod llc;
mod mpls;
mod pppoe;
mod macsec;
mod arp;
mod ipv4;
mod ipv6;
mod protocol;
mod extension;
mod transport;
mod gre;
mod vxlan;
mod geneve;
mod gtp;
#[cfg(test)]
mod tests;

pub use fast::{Plain, fast};
pub use state::{STEPS, State};
pub use step::step;

use crate::{
    bytes::Bytes,
    outcome::Outcome,
    packet::{Packet, Tags},
};

/// Finds the addresses, or says why there are none. Looks into the first tunnel.
///
/// # Errors
///
/// The outcome that a packet without addresses is to be counted under.
pub fn parse<B: Bytes + ?Sized>(bytes: &B) -> Result<Packet, Outcome> {
    let packet = short(bytes).unwrap_or_else(|| walk(bytes, true));
    match packet.limit() {
        Some(limit) if packet.outer().is_none() => Err(limit),
        Some(_) | None => Ok(packet),
    }
}

/// The short way alone.
pub fn short<B: Bytes + ?Sized>(bytes: &B) -> Option<Packet> {
    let mut packet = Packet::default();
    let plain = fast(bytes)?;
    plain.fill(bytes, &mut packet)?;
    plain.fill_flags(bytes, &mut packet);
    Some(packet)
}

/// The long way alone.
pub fn walk<B: Bytes + ?Sized>(bytes: &B, tunnels: bool) -> Packet {
    let mut state = State::new(tunnels, Tags::default());
    for _ in 0..STEPS {
        if !step(bytes, &mut state) {
            break;
        }
    }
    state.finish();
    state.packet
}
