//! One packet → its outcome: what the kernel program does, step by step, in `classify`, `judge` and `decide` of
//! checker-ebpf, with the parser, the candidates and the index that both share.

use checker_common::{
    bytes::Bytes,
    candidate::{self, Candidate, Side, Sides, candidate, is_graver},
    embedded,
    nat64::Nat64,
    outcome::Outcome,
    packet::{Address, Packet},
    parse::{Plain, fast, walk},
};

use crate::{offline::judge::Judge, ranges::action::Action};

/// Which addresses of a packet are looked at.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Source, destination or both.
    pub sides: Sides,
    /// Whether to look into tunnels.
    pub tunnels: bool,
    /// Prefixes of NAT64.
    pub nat64: Nat64,
}

/// A packet with an address in a range.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Its headers.
    pub packet: Packet,
    /// The address that lies in a range.
    pub matched: Candidate,
    /// The class of that range.
    pub class: u32,
    /// What its list asks for.
    pub action: Action,
}

/// Judges one packet: how it leaves, and the match that is why.
#[inline]
pub fn judge<B: Bytes + ?Sized>(bytes: &B, view: &View, judge: &Judge) -> (Outcome, Option<Found>) {
    if let Some(plain) = fast(bytes)
        && meets_nothing(bytes, plain, view, judge)
    {
        return (Outcome::Compliant, None);
    }
    thorough(bytes, view, judge)
}

/// Whether no address of a packet of one layer lies in a range, or carries another one.
#[inline]
fn meets_nothing<B: Bytes + ?Sized>(bytes: &B, plain: Plain, view: &View, judge: &Judge) -> bool {
    let misses = |side| match plain.address(bytes, side) {
        Some(address @ Address::V6(octets)) => {
            !embedded::any(&octets, &view.nat64) && judge.class(&address).is_none()
        }
        Some(address @ Address::V4(_)) => judge.class(&address).is_none(),
        None => false,
    };
    (!view.sides.source || misses(Side::Source)) && (!view.sides.destination || misses(Side::Destination))
}

/// Every address of the packet; the gravest match wins, and of equal ones the first.
#[cold]
fn thorough<B: Bytes + ?Sized>(bytes: &B, view: &View, judge: &Judge) -> (Outcome, Option<Found>) {
    let packet = walk(bytes, view.tunnels);
    let mut outcome = packet.limit().unwrap_or(Outcome::Compliant);
    if !packet.has_addresses() {
        return (packet.limit().unwrap_or(Outcome::NotIp), None);
    }
    let mut found = None;
    for index in 0..candidate::MOST {
        let Some(matched) = candidate(&packet, index, view.sides, &view.nat64) else { continue };
        let Some(class) = judge.class(&matched.address()) else { continue };
        let Some(action) = judge.action(class) else { continue };
        let asked = match action {
            Action::Alert => Outcome::Alerted,
            Action::Drop => Outcome::Dropped,
            Action::Allow => Outcome::Allowed,
        };
        if is_graver(asked, outcome) {
            outcome = asked;
            found = Some(Found { packet, matched, class, action });
        }
    }
    (outcome, found)
}
