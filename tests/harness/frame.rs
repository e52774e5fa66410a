//! Builds frames, byte for byte, with somebody else's idea of the headers (etherparse), so that a test of our parser
//! does not rest on our own.

use std::net::IpAddr;

use etherparse::{
    EtherType, Ethernet2Header, IpFragOffset, IpNumber, Ipv4Header, Ipv6Header, SingleVlanHeader, TcpHeader,
    UdpHeader, VlanId,
};

/// Source hardware address of every frame, unless it is set.
pub const SOURCE_MAC: [u8; 6] = [0x02, 0x00, 0x5e, 0x10, 0x00, 0x01];
/// Destination hardware address of every frame.
pub const DESTINATION_MAC: [u8; 6] = [0x02, 0x00, 0x5e, 0x10, 0x00, 0x02];

/// EtherType of a customer tag.
pub const DOT1Q: u16 = 0x8100;
/// EtherType of a service tag.
pub const DOT1AD: u16 = 0x88a8;
/// EtherType of an outer tag in the manner of older switches.
pub const QINQ_OLD: u16 = 0x9100;

const SCTP: u8 = 132;

/// A frame that is being put together.
#[derive(Clone, Debug)]
pub struct Frame {
    tags: Vec<(u16, u16)>,
    net: Net,
    protocol: u8,
    transport: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Net {
    V4(Box<Ipv4Header>),
    V6(Ipv6Header),
    Other(u16),
}

impl Frame {
    /// An IP packet from `source` to `destination`, a UDP one with nothing in it until something else is said.
    ///
    /// # Panics
    ///
    /// When one is no address, or they are of two families: a slip in the test.
    #[must_use]
    pub fn between(source: &str, destination: &str) -> Self {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let net = match (address(source), address(destination)) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => Net::V4(Box::new(Ipv4Header {
                source: source.octets(),
                destination: destination.octets(),
                time_to_live: 64,
                dont_fragment: true,
                ..Ipv4Header::default()
            })),
            (IpAddr::V6(source), IpAddr::V6(destination)) => Net::V6(Ipv6Header {
                source: source.octets(),
                destination: destination.octets(),
                hop_limit: 64,
                ..Ipv6Header::default()
            }),
            (source, destination) => panic!("{source} and {destination} are of two families"),
        };
        Self { tags: Vec::new(), net, protocol: 0, transport: Vec::new() }.udp(40_000, 9)
    }

    /// Something that is not IP.
    #[must_use]
    pub const fn other(ether_type: u16, content: Vec<u8>) -> Self {
        Self { tags: Vec::new(), net: Net::Other(ether_type), protocol: 0, transport: content }
    }

    /// Adds a VLAN tag inside those that it has: the first one added is the outermost.
    #[must_use]
    pub fn tag(mut self, ether_type: u16, vlan: u16) -> Self {
        self.tags.push((ether_type, vlan));
        self
    }

    /// Carries UDP without data.
    #[must_use]
    pub fn udp(self, source_port: u16, destination_port: u16) -> Self {
        let header = UdpHeader { source_port, destination_port, length: 8, checksum: 0 };
        self.protocol(IpNumber::UDP.0, header.to_bytes().to_vec())
    }

    /// Carries a TCP segment without data.
    #[must_use]
    pub fn tcp(self, source_port: u16, destination_port: u16) -> Self {
        let header = TcpHeader::new(source_port, destination_port, 1, 64_240);
        self.protocol(IpNumber::TCP.0, header.to_bytes().to_vec())
    }

    /// Sets the flags of the TCP segment that it carries.
    #[must_use]
    pub fn flags(mut self, flags: u8) -> Self {
        self.transport[13] = flags;
        self
    }

    /// Carries an SCTP header: ports, verification tag, checksum.
    #[must_use]
    pub fn sctp(self, source_port: u16, destination_port: u16) -> Self {
        let ports = [source_port.to_be_bytes(), destination_port.to_be_bytes()].concat();
        self.protocol(SCTP, [ports, vec![0; 8]].concat())
    }

    /// Carries `content` as the IANA protocol `number`.
    #[must_use]
    pub fn protocol(mut self, number: u8, content: Vec<u8>) -> Self {
        self.protocol = number;
        self.transport = content;
        self
    }

    /// Adds `length` zero bytes of data.
    #[must_use]
    pub fn data(mut self, length: usize) -> Self {
        self.transport.resize(self.transport.len() + length, 0);
        self
    }

    /// Changes the IPv4 header.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn ipv4(mut self, change: impl FnOnce(&mut Ipv4Header)) -> Self {
        let Net::V4(header) = &mut self.net else { panic!("no IPv4 header to change") };
        change(header);
        self
    }

    /// Sets IPv4 options: so many 32-bit words of "no operation".
    #[must_use]
    pub fn options(self, words: usize) -> Self {
        self.ipv4(|header| {
            header.options = vec![1; 4 * words].as_slice().try_into().expect("at most ten words");
        })
    }

    /// Makes it an IPv4 fragment whose data starts `offset` × 8 bytes into the packet's.
    #[must_use]
    pub fn fragment(self, offset: u16, more: bool) -> Self {
        self.ipv4(|header| {
            header.dont_fragment = false;
            header.more_fragments = more;
            header.fragment_offset = IpFragOffset::try_new(offset).expect("13 bits");
        })
    }

    /// The frame.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        self.bytes_from(SOURCE_MAC)
    }

    /// The frame, sent by the machine with this hardware address.
    ///
    /// # Panics
    ///
    /// When a packet is larger than IP allows, or a VLAN id than 12 bits.
    #[must_use]
    pub fn bytes_from(self, source_mac: [u8; 6]) -> Vec<u8> {
        let (ether_type, packet) = match self.net {
            Net::V4(mut header) => {
                header.protocol = IpNumber(self.protocol);
                header.set_payload_len(self.transport.len()).expect("fits IPv4");
                header.header_checksum = header.calc_header_checksum();
                (EtherType::IPV4, [header.to_bytes().as_slice(), &self.transport].concat())
            }
            Net::V6(mut header) => {
                header.next_header = IpNumber(self.protocol);
                header.set_payload_length(self.transport.len()).expect("fits IPv6");
                (EtherType::IPV6, [header.to_bytes().as_slice(), &self.transport].concat())
            }
            Net::Other(ether_type) => (EtherType(ether_type), self.transport),
        };
        // Each tag's EtherType stands in the header before it.
        let mut types = self.tags.iter().map(|(ether_type, _)| EtherType(*ether_type)).chain([ether_type]);
        let mut next = || types.next().expect("one more type than tags");
        let ethernet =
            Ethernet2Header { source: source_mac, destination: DESTINATION_MAC, ether_type: next() };
        let mut frame = ethernet.to_bytes().to_vec();
        for (_, vlan) in &self.tags {
            let vlan_id = VlanId::try_new(*vlan).expect("12 bits");
            let tag = SingleVlanHeader { vlan_id, ether_type: next(), ..SingleVlanHeader::default() };
            frame.extend(tag.to_bytes());
        }
        frame.extend(packet);
        frame
    }
}
