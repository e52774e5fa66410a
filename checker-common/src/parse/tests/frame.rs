//! Frames, written out from the standards.

use core::net::Ipv6Addr;
use std::vec::Vec;

/// A frame, header by header.
#[derive(Clone, Default)]
pub(super) struct Frame(pub(super) Vec<u8>);

/// The source in an outer layer.
pub(super) const SOURCE: [u8; 4] = [203, 0, 113, 1];
/// The destination everywhere.
pub(super) const DESTINATION: [u8; 4] = [198, 51, 100, 9];

impl Frame {
    pub(super) fn ethernet(ether_type: u16) -> Self {
        Self::default().bytes(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]).word(ether_type)
    }
    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
    pub(super) fn word(self, word: u16) -> Self {
        self.bytes(&word.to_be_bytes())
    }
    pub(super) fn tag(self, vlan: u16, ether_type: u16) -> Self {
        self.word(vlan).word(ether_type)
    }
    pub(super) fn ipv4(self, protocol: u8) -> Self {
        self.ipv4_from(SOURCE, protocol, 0, &[])
    }
    pub(super) fn ipv4_from(self, source: [u8; 4], protocol: u8, fragment: u16, options: &[u8]) -> Self {
        let words = 0x45 + (options.len() / 4) as u8;
        self.bytes(&[words, 0, 0, 60, 0, 1])
            .word(fragment)
            .bytes(&[64, protocol, 0, 0])
            .bytes(&source)
            .bytes(&DESTINATION)
            .bytes(options)
    }
    pub(super) fn ipv6(self, next: u8) -> Self {
        self.ipv6_from("2001:db8::1", next)
    }
    pub(super) fn ipv6_from(self, source: &str, next: u8) -> Self {
        self.bytes(&[0x60, 0, 0, 0, 0, 40, next, 64]).bytes(&v6(source)).bytes(&v6("2001:db8::2"))
    }
    pub(super) fn ports(self, source: u16, destination: u16) -> Self {
        self.word(source).word(destination).bytes(&[0, 40, 0, 0])
    }
}

pub(super) fn v6(text: &str) -> [u8; 16] {
    text.parse::<Ipv6Addr>().unwrap().octets()
}

/// The source in an inner layer.
pub(super) const INNER: [u8; 4] = [192, 0, 2, 7];

pub(super) fn udp() -> Frame {
    Frame::ethernet(0x0800).ipv4(17).ports(40_000, 53)
}

/// An outer UDP packet to `port`, then `header`, then an inner IPv4 packet in Ethernet if `bridged`.
pub(super) fn tunnel(port: u16, header: &[u8], bridged: bool) -> Frame {
    let frame = Frame::ethernet(0x0800).ipv4(17).ports(40_000, port).bytes(header);
    let frame = if bridged { frame.bytes(&[0; 12]).word(0x0800) } else { frame };
    frame.ipv4_from(INNER, 17, 0, &[]).ports(1, 2)
}
