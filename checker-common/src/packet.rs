//! What the parser found.

/// Hardware addresses of the Ethernet header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ethernet {
    /// Destination.
    pub destination: [u8; 6],
    /// Source.
    pub source: [u8; 6],
}

/// Most VLAN tags that are read.
pub const MAX_TAGS: usize = 2;

/// VLAN tags, outermost first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// Tag control information (priority, DEI, 12-bit VLAN id) as in the packet; zero past `count`.
    pub tci: [[u8; 2]; MAX_TAGS],
    /// How many tags there are.
    pub count: u8,
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

/// Ports of TCP, UDP or SCTP, in network byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Source port.
    pub source: [u8; 2],
    /// Destination port.
    pub destination: [u8; 2],
}

/// A packet whose addresses were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Hardware addresses.
    pub ethernet: Ethernet,
    /// VLAN tags.
    pub tags: Tags,
    /// IP addresses.
    pub addresses: Addresses,
    /// IPv4 protocol or IPv6 next header (IANA protocol numbers).
    pub protocol: u8,
    /// Ports, where the protocol has some and this packet carries them: a later fragment does not, nor does
    /// a frame that ends before them.
    pub ports: Option<Ports>,
}
