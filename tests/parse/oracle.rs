//! What the kernel must come to, worked out on the host from the same parser and the compiled list.

use std::net::IpAddr;

use checker_common::{
    action::Action,
    candidate::{self, Candidate, Sides, candidate, is_graver},
    nat64::Nat64,
    outcome::Outcome,
    packet::{Address, Addresses, Packet},
    parse::walk,
};
use checker_user::ranges::compile::Compiled;

/// Source, destination, protocol, ports of a layer.
pub(crate) type Layer = (IpAddr, IpAddr, u8, Option<(u16, u16)>);

pub(crate) fn layers(packet: &Packet) -> Vec<Layer> {
    let layers = [packet.outer(), packet.inner()].into_iter().flatten();
    let layers = layers.map(|layer| {
        let (source, destination) = match layer.addresses().expect("a layer has addresses") {
            Addresses::V4 { source, destination } => (source.into(), destination.into()),
            Addresses::V6 { source, destination } => (source.into(), destination.into()),
        };
        let ports = layer
            .ports()
            .map(|ports| (u16::from_be_bytes(ports.source), u16::from_be_bytes(ports.destination)));
        (source, destination, layer.protocol(), ports)
    });
    layers.collect()
}

pub(crate) fn tags(packet: &Packet) -> Vec<u16> {
    let tags = packet.tags.tci.into_iter().take(usize::from(packet.tags.count));
    tags.map(u16::from_be_bytes).collect()
}

pub(crate) fn address(candidate: &Candidate) -> IpAddr {
    match candidate.address() {
        Address::V4(address) => address.into(),
        Address::V6(address) => address.0.into(),
    }
}

/// The outcome of a frame, and the candidate that decided it.
pub(crate) fn judge(bytes: &[u8], sides: Sides, compiled: &Compiled) -> (Packet, Outcome, Option<Candidate>) {
    let packet = walk(bytes, true);
    let mut outcome = packet.limit().unwrap_or(Outcome::Compliant);
    let mut winner = None;
    for index in 0..candidate::MOST {
        let Some(found) = candidate(&packet, index, sides, &Nat64::WELL_KNOWN) else { continue };
        let range = match address(&found) {
            IpAddr::V4(address) => compiled.v4.lookup(u128::from(address.to_bits()) << 96),
            IpAddr::V6(address) => compiled.v6.lookup(address.to_bits()),
        };
        let Some(range) = range else { continue };
        let asked = match Action::from_value(range.action.value()) {
            Some(Action::Alert) => Outcome::Alerted,
            Some(Action::Drop) => Outcome::Dropped,
            Some(Action::Allow) => Outcome::Allowed,
            None => Outcome::UnknownClass,
        };
        if is_graver(asked, outcome) {
            (outcome, winner) = (asked, Some(found));
        }
    }
    (packet, outcome, winner)
}
