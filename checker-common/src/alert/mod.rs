//! The ring-buffer record of one matching packet.

use core::net::IpAddr;

use crate::{
    abi,
    candidate::{Candidate, Side},
    embedded::Via,
    packet::{Ethernet, HAS_ICMP_TYPE, HAS_PORTS, IS_ARP, MAX_TAGS, Packet},
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
    /// [`Side`] by its value.
    side: u8,
    /// [`Via`] by its value.
    via: u8,
    /// 1 when the matching address stood inside a tunnel.
    inner: u8,
    /// Family of the matching address: 4 or 6.
    matched_family: u8,
    icmp_type: u8,
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    time: [u8; 8],
    generation: [u8; 8],
    class: [u8; 4],
    interface: [u8; 4],
    /// Bytes of the frame.
    length: [u8; 4],
    tags: [[u8; 2]; MAX_TAGS],
    ethernet_destination: [u8; 6],
    ethernet_source: [u8; 6],
    source_port: [u8; 2],
    destination_port: [u8; 2],
    /// An IPv4 address stands in the first four bytes.
    source: [u8; 16],
    destination: [u8; 16],
    matched: [u8; 16],
}

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
            inner: matched.inner as u8,
            matched_family: matched.family,
            icmp_type: outer.icmp_type,
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
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// So many bytes, not [`LENGTH`].
    Length(usize),
    /// A record of this version, not [`abi::VERSION`].
    Version(u16),
    /// A family that is neither 4 nor 6, more tags than there can be, or a side or a carrier that is none.
    Content,
}

impl AlertRecord {
    /// Reads a record from the ring.
    ///
    /// # Errors
    ///
    /// See [`Undecodable`]; the caller counts it, it is never fatal.
    pub fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        let wrong_length = Undecodable::Length(bytes.len());
        if let Some(&version) = bytes.first_chunk::<2>()
            && u16::from_be_bytes(version) != abi::VERSION
        {
            return Err(Undecodable::Version(u16::from_be_bytes(version)));
        }
        let bytes: &[u8; LENGTH] = bytes.try_into().map_err(|_| wrong_length)?;
        let mut rest = bytes.as_slice();
        let record = Self {
            version: take(&mut rest).ok_or(wrong_length)?,
            family: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            protocol: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            tag_count: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            has: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            action: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            side: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            via: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            inner: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            matched_family: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            icmp_type: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            time: take(&mut rest).ok_or(wrong_length)?,
            generation: take(&mut rest).ok_or(wrong_length)?,
            class: take(&mut rest).ok_or(wrong_length)?,
            interface: take(&mut rest).ok_or(wrong_length)?,
            length: take(&mut rest).ok_or(wrong_length)?,
            tags: [
                take(&mut rest).ok_or(wrong_length)?,
                take(&mut rest).ok_or(wrong_length)?,
                take(&mut rest).ok_or(wrong_length)?,
                take(&mut rest).ok_or(wrong_length)?,
            ],
            ethernet_destination: take(&mut rest).ok_or(wrong_length)?,
            ethernet_source: take(&mut rest).ok_or(wrong_length)?,
            source_port: take(&mut rest).ok_or(wrong_length)?,
            destination_port: take(&mut rest).ok_or(wrong_length)?,
            source: take(&mut rest).ok_or(wrong_length)?,
            destination: take(&mut rest).ok_or(wrong_length)?,
            matched: take(&mut rest).ok_or(wrong_length)?,
        };
        let families = matches!((record.family, record.matched_family), (4 | 6, 4 | 6));
        let place = Side::from_value(record.side).zip(Via::from_value(record.via));
        if !families || place.is_none() || usize::from(record.tag_count) > MAX_TAGS {
            return Err(Undecodable::Content);
        }
        Ok(record)
    }

    /// What the kernel program knew beside the packet.
    #[must_use]
    pub const fn circumstances(&self) -> Circumstances {
        Circumstances {
            time: u64::from_be_bytes(self.time),
            generation: u64::from_be_bytes(self.generation),
            class: u32::from_be_bytes(self.class),
            action: self.action,
            interface: u32::from_be_bytes(self.interface),
            length: u32::from_be_bytes(self.length),
        }
    }

    /// Source and destination of the packet, the outermost ones.
    #[must_use]
    pub fn addresses(&self) -> [IpAddr; 2] {
        [self.source, self.destination].map(|address| address_of(self.family, address))
    }

    /// The address that lies in the range.
    #[must_use]
    pub fn matched(&self) -> IpAddr {
        address_of(self.matched_family, self.matched)
    }

    /// The field that it stood in.
    #[must_use]
    pub fn side(&self) -> Side {
        Side::from_value(self.side).unwrap_or(Side::Source)
    }

    /// How the field carried it.
    #[must_use]
    pub fn via(&self) -> Via {
        Via::from_value(self.via).unwrap_or(Via::Plain)
    }

    /// Whether it stood inside a tunnel.
    #[must_use]
    pub const fn is_inner(&self) -> bool {
        self.inner == 1
    }

    /// Source and destination port in host order, if the packet carried them.
    #[must_use]
    pub fn ports(&self) -> Option<(u16, u16)> {
        (self.has & HAS_PORTS != 0)
            .then(|| (u16::from_be_bytes(self.source_port), u16::from_be_bytes(self.destination_port)))
    }

    /// ICMP or ICMPv6 type, if the packet carried it.
    #[must_use]
    pub fn icmp_type(&self) -> Option<u8> {
        (self.has & HAS_ICMP_TYPE != 0).then_some(self.icmp_type)
    }

    /// Whether the packet was ARP, which has no protocol number.
    #[must_use]
    pub const fn is_arp(&self) -> bool {
        self.has & IS_ARP != 0
    }

    /// IPv4 protocol or IPv6 next header behind all extension headers.
    #[must_use]
    pub const fn protocol(&self) -> u8 {
        self.protocol
    }

    /// VLAN ids, outermost first.
    pub fn vlans(&self) -> impl Iterator<Item = u16> {
        self.tags.into_iter().take(usize::from(self.tag_count)).map(|tci| u16::from_be_bytes(tci) & 0x0fff)
    }

    /// Hardware addresses of the frame.
    #[must_use]
    pub const fn ethernet(&self) -> Ethernet {
        Ethernet { destination: self.ethernet_destination, source: self.ethernet_source }
    }
}

fn address_of(family: u8, address: [u8; 16]) -> IpAddr {
    match (family, address) {
        (4, [a, b, c, d, ..]) => IpAddr::from([a, b, c, d]),
        _ => IpAddr::from(address),
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (&head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
mod tests;
