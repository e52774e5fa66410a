//! Random header stacks, built with etherparse; what it has no type for is written out.

use std::net::IpAddr;

use etherparse::{
    EtherType, IpFragOffset, IpNumber, Ipv4Header, Ipv4Options, Ipv6Header, TcpHeader, UdpHeader,
};
use fastrand::Rng;

use crate::oracle::Layer;

/// A frame and what is in it.
pub(crate) struct Stack {
    pub(crate) bytes: Vec<u8>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) tags: Vec<u16>,
}

impl Stack {
    pub(crate) fn random(random: &mut Rng) -> Self {
        let mut bytes: Vec<u8> = (0..12).map(|_| random.u8(..)).collect();
        let mut tags = Vec::new();
        for _ in 0..random.usize(..=4) {
            let kind = random.choice([0x8100_u16, 0x88a8, 0x9100]).unwrap_or(0x8100);
            let tag = random.u16(..);
            bytes.extend(kind.to_be_bytes());
            bytes.extend(tag.to_be_bytes());
            tags.push(tag);
        }
        let version_6 = random.bool();
        let mut layers = Vec::new();
        let inside = if random.u8(..3) == 0 { Some(tunnel(random, version_6, &mut layers)) } else { None };
        let mut outer = Vec::new();
        let layer = network(random, version_6, inside, &mut outer);
        layers.insert(0, layer);
        let ether_type = if version_6 { EtherType::IPV6.0 } else { EtherType::IPV4.0 };
        link(random, ether_type, &mut bytes);
        bytes.extend(outer);
        Self { bytes, layers, tags }
    }
}

/// The EtherType in one of the ways it is written.
fn link(random: &mut Rng, ether_type: u16, bytes: &mut Vec<u8>) {
    match random.u8(..8) {
        0 => {
            bytes.extend([0, 60, 0xaa, 0xaa, 3, 0, 0, 0]);
            bytes.extend(ether_type.to_be_bytes());
        }
        1 => {
            bytes.extend([0x88, 0x47]);
            for _ in 0..random.u8(..7) {
                bytes.extend([random.u8(..), random.u8(..), random.u8(..) & 0xfe, 64]);
            }
            bytes.extend([0, 1, 1, 64]);
        }
        2 => {
            bytes.extend([0x88, 0x64, 0x11, 0, 0, 1, 0, 60]);
            bytes.extend(if ether_type == 0x0800 { [0, 0x21] } else { [0, 0x57] });
        }
        _ => bytes.extend(ether_type.to_be_bytes()),
    }
}

/// A tunnel header and the packet in it; the protocol that leads to it, and its UDP port if it has one.
fn tunnel(random: &mut Rng, _outer_6: bool, layers: &mut Vec<Layer>) -> (u8, Option<u16>, Vec<u8>) {
    let version_6 = random.bool();
    let mut inner = Vec::new();
    layers.push(network(random, version_6, None, &mut inner));
    let ether_type = if version_6 { EtherType::IPV6.0 } else { EtherType::IPV4.0 }.to_be_bytes();
    let mut bytes = Vec::new();
    let (protocol, port) = match random.u8(..6) {
        0 => (if version_6 { 41 } else { 4 }, None),
        1 => {
            let flags = random.u8(..) & 0xb0;
            bytes.extend([flags, 0]);
            bytes.extend(ether_type);
            bytes.resize(4 + 4 * flags.count_ones() as usize, 0);
            (47, None)
        }
        2 => {
            bytes.extend([0, 0, 0x65, 0x58]);
            bytes.extend([0; 12]);
            bytes.extend(ether_type);
            (47, None)
        }
        3 => {
            bytes.extend([8, 0, 0, 0, 0, 0, 1, 0]);
            bytes.extend([0; 12]);
            bytes.extend(ether_type);
            (17, Some(4789))
        }
        4 => {
            let words = random.u8(..16);
            bytes.extend([words, 0]);
            bytes.extend(ether_type);
            bytes.resize(8 + 4 * usize::from(words), 0);
            (17, Some(6081))
        }
        _ => {
            let optional = random.bool();
            bytes.extend([0x30 | (u8::from(optional) << 1), 255, 0, 0, 0, 0, 0, 1]);
            bytes.resize(if optional { 12 } else { 8 }, 0);
            (17, Some(2152))
        }
    };
    bytes.extend(inner);
    (protocol, port, bytes)
}

/// An IP packet around `inside`, or around ports.
fn network(
    random: &mut Rng,
    version_6: bool,
    inside: Option<(u8, Option<u16>, Vec<u8>)>,
    bytes: &mut Vec<u8>,
) -> Layer {
    let later = inside.is_none() && random.u8(..8) == 0;
    let (protocol, ports, payload) = match inside {
        Some((protocol, port, payload)) => {
            let ports = port.map(|port| (random.u16(..), port));
            (protocol, ports, payload)
        }
        None => match random.u8(..3) {
            0 => (6, Some((random.u16(..), random.u16(..))), Vec::new()),
            1 => (17, Some((random.u16(..), random.u16(..2000))), Vec::new()),
            _ => (89, None, vec![0; 8]),
        },
    };
    let mut behind = Vec::new();
    match (protocol, ports) {
        (6, Some((source, destination))) => {
            behind.extend(TcpHeader::new(source, destination, random.u32(..), 1024).to_bytes());
        }
        (17, Some((source, destination))) => {
            let header =
                UdpHeader { source_port: source, destination_port: destination, length: 8, checksum: 0 };
            behind.extend(header.to_bytes());
        }
        _ => {}
    }
    behind.extend(payload);
    let ports = if later { None } else { ports };
    let (source, destination) = (address(random, version_6), address(random, version_6));
    match (source, destination) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let mut header =
                Ipv4Header::new(behind.len() as u16, 64, IpNumber(protocol), from.octets(), to.octets())
                    .expect("a header");
            let options = vec![1; 4 * random.usize(..=10)];
            header.options = Ipv4Options::try_from(&options[..]).expect("options");
            header.more_fragments = random.bool();
            header.fragment_offset =
                IpFragOffset::try_new(if later { random.u16(1..0x2000) } else { 0 }).expect("an offset");
            bytes.extend(header.to_bytes());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let mut chain: Vec<Vec<u8>> = Vec::new();
            let mut kinds = Vec::new();
            for _ in 0..random.usize(..=6) {
                let kind = random.choice([0_u8, 43, 60, 135, 51]).unwrap_or(60);
                let words = random.u8(..4);
                let length = if kind == 51 {
                    4 * (usize::from(words.max(1)) + 2)
                } else {
                    8 * (usize::from(words) + 1)
                };
                let mut header = vec![0; length];
                header[1] = if kind == 51 { words.max(1) } else { words };
                kinds.push(kind);
                chain.push(header);
            }
            if later || random.u8(..4) == 0 {
                let offset = if later { random.u16(1..0x2000) << 3 } else { 0 } | u16::from(random.bool());
                let mut header = vec![0; 8];
                header[2..4].copy_from_slice(&offset.to_be_bytes());
                kinds.push(44);
                chain.push(header);
            }
            let next: Vec<u8> = kinds.iter().copied().chain([protocol]).collect();
            for (header, next) in chain.iter_mut().zip(&next[1..]) {
                header[0] = *next;
            }
            let header = Ipv6Header {
                traffic_class: random.u8(..),
                flow_label: etherparse::Ipv6FlowLabel::ZERO,
                payload_length: behind.len() as u16,
                next_header: IpNumber(next[0]),
                hop_limit: 64,
                source: from.octets(),
                destination: to.octets(),
            };
            bytes.extend(header.to_bytes());
            bytes.extend(chain.concat());
        }
        _ => unreachable!("both are of one family"),
    }
    bytes.extend(behind);
    (source, destination, protocol, ports)
}

/// Mostly near the listed ranges, in every form.
fn address(random: &mut Rng, version_6: bool) -> IpAddr {
    let v4 = match random.u8(..6) {
        0 => [203, 0, 113, random.u8(..)],
        1 => [198, 51, 100, random.u8(..)],
        _ => random.u32(..).to_be_bytes(),
    };
    if !version_6 {
        return v4.into();
    }
    let [a, b, c, d] = v4;
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let words: [u16; 8] = match random.u8(..9) {
        0 => [0, 0, 0, 0, 0, 0xffff, high, low],
        1 => [0x2002, high, low, 0, 0, 0, 0, random.u16(..)],
        2 => [0x64, 0xff9b, 0, 0, 0, 0, high, low],
        3 => [0x2001, 0, high, low, 0, random.u16(..), random.u16(..), random.u16(..)],
        4 => [0x2001, 0, 1, 1, 0, random.u16(..), !high, !low],
        5 => [0xfe80, 0, 0, 0, 0x0200 * u16::from(random.bool()), 0x5efe, high, low],
        6 => [0x2001, 0xdb8, 0xa, 0, 0, 0, 0, random.u16(..)],
        7 => [0x2001, 0xdb8, 0xd, 0, 0, 0, 0, random.u16(..)],
        _ => return random.u128(..).to_be_bytes().into(),
    };
    words.into()
}

/// Changes some bytes, cuts or grows the frame.
pub(crate) fn mutate(random: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..random.usize(1..=6) {
        // Headers stand in front: what is changed is mostly there.
        let front = if random.bool() { 40 } else { 400 };
        let place = random.usize(..bytes.len().min(front));
        bytes[place] = if random.bool() { random.u8(..) } else { bytes[place] ^ (1 << random.u8(..8)) };
    }
    if random.u8(..4) == 0 {
        let length = random.usize(..bytes.len() + 40);
        bytes.resize(length.max(14), 0);
    }
}
