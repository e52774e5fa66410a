//! Record → what it says, in the types that the host works with.

use core::net::IpAddr;

use super::{AlertRecord, Circumstances, EVIDENCE, FOLDED, INNER, OUTGOING};
use crate::{
    candidate::Side,
    embedded::Via,
    packet::{Ethernet, HAS_ICMP_CODE, HAS_ICMP_TYPE, HAS_PORTS, HAS_TCP_FLAGS, IS_ARP},
};

impl AlertRecord {
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
            outgoing: self.place & OUTGOING != 0,
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
        self.place & INNER != 0
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
        (self.has & HAS_ICMP_TYPE != 0).then_some(self.detail)
    }

    /// TCP flags, if the packet carried them.
    #[must_use]
    pub fn tcp_flags(&self) -> Option<u8> {
        (self.has & HAS_TCP_FLAGS != 0).then_some(self.detail)
    }

    /// Whether the flow table counts this packet and those that follow it.
    #[must_use]
    pub const fn is_folded(&self) -> bool {
        self.place & FOLDED != 0
    }

    /// Whether the head of the packet, the first of its flow, was taken.
    #[must_use]
    pub const fn has_evidence(&self) -> bool {
        self.place & EVIDENCE != 0
    }

    /// ICMP or ICMPv6 code, if the packet carried it.
    #[must_use]
    pub fn icmp_code(&self) -> Option<u8> {
        (self.has & HAS_ICMP_CODE != 0).then_some(self.source_port[1])
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
