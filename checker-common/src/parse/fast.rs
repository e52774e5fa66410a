//! The short way for what nearly every packet is: Ethernet, at most two tags, IPv4 without options or IPv6 without
//! extension headers, and TCP, UDP or ICMP that is no tunnel and no neighbour discovery. Written out, so that the
//! kernel reads packet memory directly; it answers only what it is sure of, and then as the walk would.
//!
//! It says where things stand and copies nothing: most packets are done once one address was looked up.

use super::{
    ether_type::{IPV4, IPV6, is_tag},
    ethernet, ipv4, ipv6,
    protocol::{ICMP, ICMPV6, TCP, UDP},
    state::next,
    transport, vlan,
};
use crate::{
    bytes::Bytes,
    candidate::Side,
    packet::{Address, HAS_ICMP_CODE, HAS_ICMP_TYPE, HAS_PORTS, HAS_TCP_FLAGS, Octets, Packet, Ports},
};

/// Version 4, five words: a header without options.
const PLAIN_IPV4: u8 = 0x45;

/// Where the addresses of a plain packet stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plain {
    /// Start of the IP header.
    offset: usize,
    /// Whether it is one of IPv6.
    version_6: bool,
}

/// The packet, unless it takes the walk to find out.
#[inline(always)]
pub fn fast<B: Bytes + ?Sized>(bytes: &B) -> Option<Plain> {
    let header: [u8; ethernet::LENGTH] = bytes.get(0)?;
    let mut ether_type = u16::from_be_bytes([header[12], header[13]]);
    let mut offset = ethernet::LENGTH;
    if is_tag(ether_type) {
        ether_type = behind_tag(bytes, &mut offset)?;
        if is_tag(ether_type) {
            ether_type = behind_tag(bytes, &mut offset)?;
        }
    }
    // Each with the four bytes behind it, in one read.
    match ether_type {
        IPV4 => {
            let header: [u8; ipv4::LENGTH + 4] = bytes.get(offset)?;
            let fragment = u16::from_be_bytes([header[6], header[7]]);
            let plain = header[0] == PLAIN_IPV4
                && fragment & ipv4::FRAGMENT_OFFSET == 0
                && is_plain(header[9], ICMP, [header[20], header[22], header[23]]);
            plain.then_some(Plain { offset, version_6: false })
        }
        IPV6 => {
            let header: [u8; ipv6::LENGTH + 4] = bytes.get(offset)?;
            let plain =
                header[0] >> 4 == 6 && is_plain(header[6], ICMPV6, [header[40], header[42], header[43]]);
            plain.then_some(Plain { offset, version_6: true })
        }
        _ => None,
    }
}

/// The EtherType behind the tag.
#[inline(always)]
fn behind_tag<B: Bytes + ?Sized>(bytes: &B, offset: &mut usize) -> Option<u16> {
    let tag: [u8; vlan::LENGTH] = bytes.get(*offset)?;
    *offset += vlan::LENGTH;
    Some(u16::from_be_bytes([tag[2], tag[3]]))
}

/// Whether the protocol is one that ends here; then come the ICMP type and the destination port.
#[inline(always)]
const fn is_plain(protocol: u8, icmp: u8, [icmp_type, port_high, port_low]: [u8; 3]) -> bool {
    match protocol {
        TCP => true,
        UDP => transport::tunnel([port_high, port_low]) == next::END,
        _ => protocol == icmp && !(protocol == ICMPV6 && transport::has_target(icmp_type)),
    }
}

impl Plain {
    /// Source or destination.
    #[inline(always)]
    pub fn address<B: Bytes + ?Sized>(&self, bytes: &B, side: Side) -> Option<Address> {
        let second = matches!(side, Side::Destination);
        Some(if self.version_6 {
            let place = if second { 24 } else { 8 };
            Address::V6(Octets::v6(bytes.get(self.offset + place)?))
        } else {
            let place = if second { 16 } else { 12 };
            Address::V4(bytes.get(self.offset + place)?)
        })
    }

    /// Copies all of it to `packet`, behind the tags that are there already; but not the flags of TCP.
    #[inline(always)]
    pub fn fill<B: Bytes + ?Sized>(&self, bytes: &B, packet: &mut Packet) -> Option<()> {
        (packet.ethernet, _) = ethernet::split(bytes.get(0)?);
        let mut tag = ethernet::LENGTH;
        for _ in 0..2 {
            if tag < self.offset {
                packet.tags.push(bytes.get(tag)?);
                tag += vlan::LENGTH;
            }
        }
        let outer = &mut packet.outer;
        let behind = if self.version_6 {
            outer.family = 6;
            [outer.protocol] = bytes.get(self.offset + 6)?;
            outer.source = Octets::v6(bytes.get(self.offset + 8)?);
            outer.destination = Octets::v6(bytes.get(self.offset + 24)?);
            self.offset + ipv6::LENGTH
        } else {
            outer.family = 4;
            [outer.protocol] = bytes.get(self.offset + 9)?;
            outer.source = Octets::v4(bytes.get(self.offset + 12)?);
            outer.destination = Octets::v4(bytes.get(self.offset + 16)?);
            self.offset + ipv4::LENGTH
        };
        let [first, second, third, fourth] = bytes.get(behind)?;
        if matches!(outer.protocol, TCP | UDP) {
            outer.ports = Ports { source: [first, second], destination: [third, fourth] };
            outer.has = HAS_PORTS;
        } else {
            outer.detail = first;
            outer.ports.source = [0, second];
            outer.has = HAS_ICMP_TYPE | HAS_ICMP_CODE;
        }
        Some(())
    }

    /// Copies the flags of TCP to `packet`, where it is filled and the packet carries them. Apart, because they may
    /// stand where the addresses are not: behind the linear part.
    #[inline(always)]
    pub fn fill_flags<B: Bytes + ?Sized>(&self, bytes: &B, packet: &mut Packet) {
        let outer = &mut packet.outer;
        let header = if self.version_6 { ipv6::LENGTH } else { ipv4::LENGTH };
        if outer.protocol == TCP
            && let Some([flags]) = bytes.get(self.offset + header + transport::TCP_FLAGS_OFFSET as usize)
        {
            outer.detail = flags;
            outer.has |= HAS_TCP_FLAGS;
        }
    }
}
