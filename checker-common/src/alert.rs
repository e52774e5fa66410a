//! The ring-buffer record of one matching packet.

use core::net::IpAddr;

use crate::{
    abi,
    packet::{Addresses, Ethernet, MAX_TAGS, Packet},
};

/// Bytes of a record.
pub const LENGTH: usize = 104;

/// One matching packet, as the kernel program writes it. All numbers big-endian.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct AlertRecord {
    version: [u8; 2],
    /// 4 or 6.
    family: u8,
    protocol: u8,
    tag_count: u8,
    /// 1 when the packet carried ports.
    has_ports: u8,
    /// [`crate::action::Action`] by its value.
    action: u8,
    reserved: u8,
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
const _: () = assert!(align_of::<AlertRecord>() == 1, "no implicit padding");

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
    /// A record of `packet`, whose source address matched.
    #[must_use]
    #[inline(always)]
    pub fn new(packet: &Packet, about: Circumstances) -> Self {
        let (family, source, destination) = match packet.addresses {
            Addresses::V4 { source, destination } => (4, widen(source), widen(destination)),
            Addresses::V6 { source, destination } => (6, source, destination),
        };
        let (has_ports, source_port, destination_port) =
            packet.ports.map_or((0, [0; 2], [0; 2]), |ports| (1, ports.source, ports.destination));
        Self {
            version: abi::VERSION.to_be_bytes(),
            family,
            protocol: packet.protocol,
            tag_count: packet.tags.count,
            has_ports,
            action: about.action,
            reserved: 0,
            time: about.time.to_be_bytes(),
            generation: about.generation.to_be_bytes(),
            class: about.class.to_be_bytes(),
            interface: about.interface.to_be_bytes(),
            length: about.length.to_be_bytes(),
            tags: packet.tags.tci,
            ethernet_destination: packet.ethernet.destination,
            ethernet_source: packet.ethernet.source,
            source_port,
            destination_port,
            source,
            destination,
            matched: source,
        }
    }
}

#[inline(always)]
const fn widen(address: [u8; 4]) -> [u8; 16] {
    let [a, b, c, d] = address;
    [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// So many bytes, not [`LENGTH`].
    Length(usize),
    /// A record of this version, not [`abi::VERSION`].
    Version(u16),
    /// A family that is neither 4 nor 6, or more tags than there can be.
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
            has_ports: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            action: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            reserved: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            time: take(&mut rest).ok_or(wrong_length)?,
            generation: take(&mut rest).ok_or(wrong_length)?,
            class: take(&mut rest).ok_or(wrong_length)?,
            interface: take(&mut rest).ok_or(wrong_length)?,
            length: take(&mut rest).ok_or(wrong_length)?,
            tags: [take(&mut rest).ok_or(wrong_length)?, take(&mut rest).ok_or(wrong_length)?],
            ethernet_destination: take(&mut rest).ok_or(wrong_length)?,
            ethernet_source: take(&mut rest).ok_or(wrong_length)?,
            source_port: take(&mut rest).ok_or(wrong_length)?,
            destination_port: take(&mut rest).ok_or(wrong_length)?,
            source: take(&mut rest).ok_or(wrong_length)?,
            destination: take(&mut rest).ok_or(wrong_length)?,
            matched: take(&mut rest).ok_or(wrong_length)?,
        };
        if !matches!(record.family, 4 | 6) || usize::from(record.tag_count) > MAX_TAGS {
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

    /// Source, destination, and the one that lies in the range.
    #[must_use]
    pub fn addresses(&self) -> [IpAddr; 3] {
        [self.source, self.destination, self.matched].map(|address| match (self.family, address) {
            (4, [a, b, c, d, ..]) => IpAddr::from([a, b, c, d]),
            _ => IpAddr::from(address),
        })
    }

    /// Source and destination port in host order, if the packet carried them.
    #[must_use]
    pub fn ports(&self) -> Option<(u16, u16)> {
        (self.has_ports == 1)
            .then(|| (u16::from_be_bytes(self.source_port), u16::from_be_bytes(self.destination_port)))
    }

    /// IPv4 protocol or IPv6 next header.
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

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (&head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{Ports, Tags};

    fn record() -> AlertRecord {
        let packet = Packet {
            ethernet: Ethernet { destination: [1; 6], source: [2; 6] },
            tags: Tags { tci: [[0xe0, 0x64], [0, 0]], count: 1 },
            addresses: Addresses::V4 { source: [203, 0, 113, 1], destination: [198, 51, 100, 9] },
            protocol: 17,
            ports: Some(Ports { source: [0x9c, 0x40], destination: [0x02, 0x6f] }),
        };
        AlertRecord::new(&packet, CIRCUMSTANCES)
    }

    const CIRCUMSTANCES: Circumstances = Circumstances {
        time: 0x0102_0304_0506_0708,
        generation: 9,
        class: 10,
        action: 1,
        interface: 11,
        length: 60,
    };

    fn bytes(record: &AlertRecord) -> [u8; LENGTH] {
        // SAFETY: alignment 1, no padding (both asserted above), same size.
        unsafe { core::mem::transmute_copy(record) }
    }

    #[test]
    fn the_wire_layout_is_frozen() {
        let bytes = bytes(&record());
        assert_eq!(bytes[..2], abi::VERSION.to_be_bytes());
        assert_eq!(bytes[2..8], [4, 17, 1, 1, 1, 0]);
        assert_eq!(bytes[8..16], [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(bytes[16..36], [0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0, 60]);
        assert_eq!(
            bytes[36..56],
            [0xe0, 0x64, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0x9c, 0x40, 2, 0x6f]
        );
        assert_eq!(bytes[56..60], [203, 0, 113, 1]);
        assert_eq!(bytes[72..76], [198, 51, 100, 9]);
        assert_eq!(bytes[88..92], [203, 0, 113, 1]);
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let record = AlertRecord::decode(&bytes(&record())).expect("a whole record");
        assert_eq!(record.circumstances(), CIRCUMSTANCES);
        let [source, destination, matched] = record.addresses();
        assert_eq!(source, IpAddr::from([203, 0, 113, 1]));
        assert_eq!(destination, IpAddr::from([198, 51, 100, 9]));
        assert_eq!(matched, source);
        assert_eq!(record.ports(), Some((40_000, 623)));
        assert!(record.vlans().eq([100]));
    }

    #[test]
    fn short_long_newer_and_senseless_bytes_are_refused() {
        let good = bytes(&record());
        assert_eq!(AlertRecord::decode(&good[..50]).err(), Some(Undecodable::Length(50)));
        assert_eq!(AlertRecord::decode(&[]).err(), Some(Undecodable::Length(0)));
        let mut long = [0; LENGTH + 1];
        long[..LENGTH].copy_from_slice(&good);
        assert_eq!(AlertRecord::decode(&long).err(), Some(Undecodable::Length(LENGTH + 1)));
        let mut newer = good;
        newer[..2].copy_from_slice(&(abi::VERSION + 1).to_be_bytes());
        assert_eq!(AlertRecord::decode(&newer).err(), Some(Undecodable::Version(abi::VERSION + 1)));
        let mut senseless = good;
        senseless[2] = 5;
        assert_eq!(AlertRecord::decode(&senseless).err(), Some(Undecodable::Content));
        senseless = good;
        senseless[4] = 3;
        assert_eq!(AlertRecord::decode(&senseless).err(), Some(Undecodable::Content));
    }
}
