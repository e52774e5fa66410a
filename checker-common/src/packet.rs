//! What the parser found. Plain integers only and nothing that points: the kernel keeps one in a map value.

use crate::outcome::Outcome;

/// Hardware addresses of the outermost Ethernet header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Ethernet {
    /// Destination.
    pub destination: [u8; 6],
    /// Source.
    pub source: [u8; 6],
}

/// Most VLAN tags that are read in one layer.
pub const MAX_TAGS: usize = 4;

/// VLAN tags in front of the outer addresses, outermost first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Tags {
    /// Tag control information (priority, DEI, 12-bit VLAN id) as in the packet; zero past `count`.
    pub tci: [[u8; 2]; MAX_TAGS],
    /// How many tags there are.
    pub count: u8,
}

impl Tags {
    /// One more tag, further in; lost when there is no room for it.
    #[inline(always)]
    pub(crate) fn push(&mut self, tci: [u8; 2]) {
        if let Some(slot) = self.tci.get_mut(usize::from(self.count)) {
            *slot = tci;
            self.count += 1;
        }
    }

    /// One more tag, in front of all others: the one that the hardware took out of the frame.
    #[must_use]
    #[inline(always)]
    pub const fn behind(self, tci: [u8; 2]) -> Self {
        let [first, second, third, _] = self.tci;
        let count = if self.count < MAX_TAGS as u8 { self.count + 1 } else { self.count };
        Self { tci: [tci, first, second, third], count }
    }
}

/// Room for an address of either family, in network byte order; an IPv4 address stands in the first four bytes, in
/// front of zeros. Aligned, or the compiler for BPF copies it byte by byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Octets(pub [u8; 16]);

impl Octets {
    /// An IPv4 address.
    #[must_use]
    #[inline(always)]
    pub const fn v4(address: [u8; 4]) -> Self {
        let number = (u32::from_be_bytes(address) as u128) << 96;
        Self(number.to_be_bytes())
    }

    /// An IPv6 address. By way of numbers: a plain copy becomes a call of a `memmove` that goes byte by byte.
    #[must_use]
    #[inline(always)]
    pub const fn v6(address: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(address).to_be_bytes())
    }

    /// The first four bytes.
    #[must_use]
    #[inline(always)]
    pub const fn first(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.0;
        [a, b, c, d]
    }
}

/// Source and destination, in network byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// IPv4.
    V4 {
        /// Source.
        source: [u8; 4],
        /// Destination.
        destination: [u8; 4],
    },
    /// IPv6.
    V6 {
        /// Source.
        source: [u8; 16],
        /// Destination.
        destination: [u8; 16],
    },
}

/// One address, in network byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// IPv4.
    V4([u8; 4]),
    /// IPv6.
    V6(Octets),
}

/// Ports of TCP, UDP or SCTP, in network byte order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Ports {
    /// Source port.
    pub source: [u8; 2],
    /// Destination port.
    pub destination: [u8; 2],
}

/// One pair of addresses and what stands behind it. Words of eight bytes, so that it is copied in few
/// instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Layer {
    pub(crate) source: Octets,
    pub(crate) destination: Octets,
    pub(crate) target: Octets,
    /// Ports; of ICMP the code, in the last byte of the source.
    pub(crate) ports: Ports,
    /// 4 or 6; 0 for a layer that is not there.
    pub(crate) family: u8,
    pub(crate) protocol: u8,
    /// ICMP type or TCP flags, as `has` says.
    pub(crate) detail: u8,
    /// `HAS_…` bits.
    pub(crate) has: u8,
}

/// `Layer::ports` are the packet's.
pub(crate) const HAS_PORTS: u8 = 1;
/// `Layer::detail` is the packet's ICMP type.
pub(crate) const HAS_ICMP_TYPE: u8 = 1 << 1;
/// `Layer::target` is the packet's.
pub(crate) const HAS_TARGET: u8 = 1 << 2;
/// The addresses are those of ARP; there is no IP header and no protocol.
pub(crate) const IS_ARP: u8 = 1 << 3;
/// `Layer::detail` are the packet's TCP flags.
pub(crate) const HAS_TCP_FLAGS: u8 = 1 << 4;
/// `Layer::ports` has the packet's ICMP code.
pub(crate) const HAS_ICMP_CODE: u8 = 1 << 5;

impl Layer {
    /// The addresses; for ARP those of sender and target.
    #[must_use]
    #[inline(always)]
    pub fn addresses(&self) -> Option<Addresses> {
        match self.family {
            4 => Some(Addresses::V4 { source: self.source.first(), destination: self.destination.first() }),
            6 => Some(Addresses::V6 { source: self.source.0, destination: self.destination.0 }),
            _ => None,
        }
    }

    /// IPv4 protocol, or IPv6 next header behind all extension headers (IANA protocol numbers).
    #[must_use]
    #[inline(always)]
    pub const fn protocol(&self) -> u8 {
        self.protocol
    }

    /// Ports, where the protocol has some and this packet carries them: a later fragment does not, nor does a
    /// frame that ends before them.
    #[must_use]
    #[inline(always)]
    pub fn ports(&self) -> Option<Ports> {
        (self.has & HAS_PORTS != 0).then_some(self.ports)
    }

    /// ICMP or ICMPv6 type, where this packet carries it.
    #[must_use]
    #[inline(always)]
    pub fn icmp_type(&self) -> Option<u8> {
        (self.has & HAS_ICMP_TYPE != 0).then_some(self.detail)
    }

    /// TCP flags, where this packet carries them.
    #[must_use]
    #[inline(always)]
    pub fn tcp_flags(&self) -> Option<u8> {
        (self.has & HAS_TCP_FLAGS != 0).then_some(self.detail)
    }

    /// ICMP or ICMPv6 code, where this packet carries it.
    #[must_use]
    #[inline(always)]
    pub fn icmp_code(&self) -> Option<u8> {
        (self.has & HAS_ICMP_CODE != 0).then_some(self.ports.source[1])
    }

    /// The address that a neighbour solicitation or advertisement (RFC 4861) is about.
    #[must_use]
    #[inline(always)]
    pub fn target(&self) -> Option<[u8; 16]> {
        (self.has & HAS_TARGET != 0).then_some(self.target.0)
    }

    /// Whether the addresses stood in ARP.
    #[must_use]
    #[inline(always)]
    pub const fn is_arp(&self) -> bool {
        self.has & IS_ARP != 0
    }
}

/// All that was found in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Packet {
    /// The outermost addresses.
    pub outer: Layer,
    /// The addresses inside a tunnel.
    pub inner: Layer,
    /// Hardware addresses.
    pub ethernet: Ethernet,
    /// VLAN tags.
    pub tags: Tags,
    /// Index of the outcome and one; 0 for none.
    pub(crate) limit: u8,
}

impl Packet {
    /// Why less was seen than the frame holds; `None` when nothing was left out.
    #[must_use]
    #[inline(always)]
    pub fn limit(&self) -> Option<Outcome> {
        Outcome::from_index(u32::from(self.limit).wrapping_sub(1))
    }

    /// Whether there are addresses at all.
    #[must_use]
    #[inline(always)]
    pub const fn has_addresses(&self) -> bool {
        self.outer.family != 0
    }

    /// The outer layer, if there are addresses at all.
    #[must_use]
    pub fn outer(&self) -> Option<&Layer> {
        (self.outer.family != 0).then_some(&self.outer)
    }

    /// The layer inside the tunnel, if there is one.
    #[must_use]
    pub fn inner(&self) -> Option<&Layer> {
        (self.inner.family != 0).then_some(&self.inner)
    }
}
