//! The ring-buffer record of one matching packet: its layout and how it is written. `decode.rs` takes the bytes apart
//! again, `read.rs` says what they mean.

mod decode;
mod read;
#[cfg(test)]
mod tests;

pub use decode::Undecodable;

use crate::{
    abi,
    candidate::Candidate,
    flow::FlowKey,
    packet::{IS_ARP, MAX_TAGS, Packet},
};

/// Bytes of a record.
pub const LENGTH: usize = 112;

/// One matching packet, as the kernel program writes it. All numbers big-endian. Fields are byte arrays, so there is
/// no padding between them; the whole is aligned as the ring aligns it, so that it is written in words.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub struct AlertRecord {
    version: [u8; 2],
    /// 4 or 6.
    family: u8,
    protocol: u8,
    tag_count: u8,
    /// What the packet carried: `HAS_…` and `IS_…` of [`crate::packet`].
    has: u8,
    /// [`crate::action::Action`] by its value.
    action: u8,
    /// [`Side`](crate::candidate::Side) by its value.
    side: u8,
    /// [`Via`](crate::embedded::Via) by its value.
    via: u8,
    /// [`INNER`], [`OUTGOING`], [`FOLDED`] and [`EVIDENCE`].
    place: u8,
    /// Family of the matching address: 4 or 6.
    matched_family: u8,
    /// ICMP type or TCP flags, as `has` says.
    detail: u8,
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    time: [u8; 8],
    generation: [u8; 8],
    pub(crate) class: [u8; 4],
    interface: [u8; 4],
    /// Bytes of the frame.
    length: [u8; 4],
    tags: [[u8; 2]; MAX_TAGS],
    ethernet_destination: [u8; 6],
    ethernet_source: [u8; 6],
    /// Of ICMP the code, in the last byte.
    source_port: [u8; 2],
    destination_port: [u8; 2],
    /// An IPv4 address stands in the first four bytes.
    source: [u8; 16],
    destination: [u8; 16],
    matched: [u8; 16],
}

/// The matching address stood inside a tunnel.
const INNER: u8 = 1;
/// The packet was on its way out.
const OUTGOING: u8 = 1 << 1;
/// The flow table has a flow of it, in which this packet and all that follow are counted.
const FOLDED: u8 = 1 << 2;
/// The packet's head was taken, see [`crate::evidence`].
const EVIDENCE: u8 = 1 << 3;

const _: () = assert!(size_of::<AlertRecord>() == LENGTH, "raise abi::VERSION when the layout changes");
const _: () =
    assert!(size_of::<AlertRecord>().is_multiple_of(8), "fields fill the words: no padding at the end");

/// What the kernel program knows beside the packet itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    pub time: u64,
    /// Generation that judged the packet.
    pub generation: u64,
    /// Class of the longest match.
    pub class: u32,
    /// Action of that class, by its value.
    pub action: u8,
    /// Index of the interface.
    pub interface: u32,
    /// Whether the interface was sending it; otherwise it came in.
    pub outgoing: bool,
    /// Bytes of the frame.
    pub length: u32,
}

impl AlertRecord {
    /// A record of `packet`, in which `matched` lies in a range.
    #[must_use]
    #[inline(always)]
    pub fn new(packet: &Packet, matched: &Candidate, about: Circumstances) -> Self {
        let outer = &packet.outer;
        Self {
            version: abi::VERSION.to_be_bytes(),
            family: outer.family,
            protocol: outer.protocol,
            tag_count: packet.tags.count,
            has: outer.has,
            action: about.action,
            side: matched.side as u8,
            via: matched.via as u8,
            place: (matched.inner as u8 * INNER) | (about.outgoing as u8 * OUTGOING),
            matched_family: matched.family,
            detail: outer.detail,
            time: about.time.to_be_bytes(),
            generation: about.generation.to_be_bytes(),
            class: about.class.to_be_bytes(),
            interface: about.interface.to_be_bytes(),
            length: about.length.to_be_bytes(),
            tags: packet.tags.tci,
            ethernet_destination: packet.ethernet.destination,
            ethernet_source: packet.ethernet.source,
            source_port: outer.ports.source,
            destination_port: outer.ports.destination,
            source: outer.source.0,
            destination: outer.destination.0,
            matched: matched.address.0,
        }
    }

    /// The flow that the packet belongs to.
    #[must_use]
    #[inline(always)]
    pub fn flow(&self) -> FlowKey {
        let [[high, low], ..] = self.tags;
        FlowKey {
            source: self.source,
            destination: self.destination,
            matched: self.matched,
            generation: self.generation,
            class: self.class,
            interface: self.interface,
            destination_port: self.destination_port,
            vlan: [high & 0x0f, low],
            tagged: (self.tag_count != 0) as u8,
            protocol: self.protocol,
            family: self.family,
            matched_family: self.matched_family,
            side: self.side,
            via: self.via,
            place: self.place & (INNER | OUTGOING),
            arp: self.has & IS_ARP,
            reserved: [0; 4],
        }
    }

    /// Says whether a flow of the table stands behind the record, or it stands for itself.
    #[inline(always)]
    pub const fn set_folded(&mut self, folded: bool) {
        self.place = (self.place & !FOLDED) | (folded as u8 * FOLDED);
    }

    /// Says that the packet's head was taken.
    #[inline(always)]
    pub const fn set_evidence(&mut self) {
        self.place |= EVIDENCE;
    }
}
