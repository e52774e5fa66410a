//! Packet → every address that is looked up, one after the other, each with where it stood. The kernel asks for one
//! index after the other in a `bpf_loop`; tests and scanners iterate.

use crate::{
    embedded::{Via, embedded},
    nat64::Nat64,
    outcome::Outcome,
    packet::{Address, HAS_TARGET, Layer, Octets, Packet},
};

/// Which field of a header an address stood in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Side {
    /// Source, or sender of ARP.
    Source = 0,
    /// Destination, or target of ARP.
    Destination = 1,
    /// Target of neighbour discovery.
    Target = 2,
}

impl Side {
    /// Reads a record's value.
    #[must_use]
    pub const fn from_value(value: u8) -> Option<Self> {
        Some(match value {
            0 => Self::Source,
            1 => Self::Destination,
            2 => Self::Target,
            _ => return None,
        })
    }

    /// Name in alerts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "src",
            Self::Destination => "dst",
            Self::Target => "target",
        }
    }
}

/// Which fields are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides {
    /// Source, and target of neighbour discovery: what comes in.
    pub source: bool,
    /// Destination: what goes out.
    pub destination: bool,
}

/// An address to look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// 4 or 6.
    pub family: u8,
    /// The address.
    pub address: Octets,
    /// The field it stood in.
    pub side: Side,
    /// How the field carried it.
    pub via: Via,
    /// Whether the field belongs to the layer inside a tunnel.
    pub inner: bool,
}

/// Forms in which one field can carry an address: itself, and the two that may be inside.
const FORMS: u32 = 1 + crate::embedded::MOST;
/// Fields of one layer.
const FIELDS: u32 = 3;
/// The outer source itself.
pub const SOURCE: u32 = 0;
/// The outer destination itself.
pub const DESTINATION: u32 = FORMS;
/// Candidates of one layer; the outer ones come first.
pub const LAYER: u32 = FIELDS * FORMS;
/// Most candidates of a packet.
pub const MOST: u32 = 2 * LAYER;

/// The `index`-th candidate; not every index has one.
#[must_use]
#[inline(always)]
pub fn candidate(packet: &Packet, index: u32, sides: Sides, nat64: &Nat64) -> Option<Candidate> {
    let inner = index >= LAYER;
    let layer = if inner { &packet.inner } else { &packet.outer };
    let index = if inner { index - LAYER } else { index };
    let (field, form) = (index / FORMS, index % FORMS);
    let (address, side) = field_of(layer, field, sides)?;
    let family = layer.family;
    if form == 0 {
        return Some(Candidate { family, address, side, via: Via::Plain, inner });
    }
    if family != 6 {
        return None;
    }
    let (via, address) = embedded(&address, form - 1, nat64)?;
    Some(Candidate { family: 4, address: Octets::v4(address), side, via, inner })
}

#[inline(always)]
fn field_of(layer: &Layer, field: u32, sides: Sides) -> Option<(Octets, Side)> {
    if layer.family == 0 {
        return None;
    }
    match field {
        0 if sides.source => Some((layer.source, Side::Source)),
        1 if sides.destination => Some((layer.destination, Side::Destination)),
        2 if layer.has & HAS_TARGET != 0 => Some((layer.target, Side::Target)),
        _ => None,
    }
}

impl Candidate {
    /// What to look up, in the table of its family.
    #[must_use]
    #[inline(always)]
    pub const fn address(&self) -> Address {
        if self.family == 4 { Address::V4(self.address.first()) } else { Address::V6(self.address) }
    }
}

/// Whether a packet leaves with `one` rather than with `other` when both were found in it.
#[must_use]
#[inline(always)]
pub const fn is_graver(one: Outcome, other: Outcome) -> bool {
    gravity(one) > gravity(other)
}

/// How grave an outcome is. What was not fully seen is graver than what met no range or an exception, which speaks of
/// its own address only, and less grave than any other match.
#[inline(always)]
const fn gravity(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Compliant => 0,
        Outcome::Allowed => 1,
        Outcome::NoList
        | Outcome::NotIp
        | Outcome::TooManyTags
        | Outcome::Truncated
        | Outcome::Malformed
        | Outcome::LinkControl
        | Outcome::Storage
        | Outcome::UnknownHeader
        | Outcome::HeaderChainTooLong
        | Outcome::Encrypted
        | Outcome::TunnelTooDeep => 2,
        Outcome::UnknownClass => 3,
        Outcome::Alerted => 4,
        Outcome::Dropped => 5,
    }
}
