use core::net::IpAddr;

use super::*;
use crate::{
    candidate::Side,
    embedded::Via,
    packet::{Ethernet, HAS_PORTS, Layer, Octets, Ports, Tags},
};

fn record() -> AlertRecord {
    let outer = Layer {
        family: 4,
        protocol: 17,
        source: Octets::v4([203, 0, 113, 1]),
        destination: Octets::v4([198, 51, 100, 9]),
        ports: Ports { source: [0x9c, 0x40], destination: [0x02, 0x6f] },
        has: HAS_PORTS,
        ..Layer::default()
    };
    let packet = Packet {
        ethernet: Ethernet { destination: [1; 6], source: [2; 6] },
        tags: Tags { tci: [[0xe0, 0x64], [0, 7], [0; 2], [0; 2]], count: 2 },
        outer,
        ..Packet::default()
    };
    let address = Octets::v4([192, 0, 2, 1]);
    let matched = Candidate { family: 4, address, side: Side::Target, via: Via::SixToFour, inner: true };
    AlertRecord::new(&packet, &matched, CIRCUMSTANCES)
}

const CIRCUMSTANCES: Circumstances = Circumstances {
    time: 0x0102_0304_0506_0708,
    generation: 9,
    class: 10,
    action: 1,
    interface: 11,
    outgoing: true,
    length: 60,
};

fn bytes(record: &AlertRecord) -> [u8; LENGTH] {
    // SAFETY: byte arrays of this size in all (asserted above), so no padding.
    unsafe { core::mem::transmute_copy(record) }
}

#[test]
fn the_wire_layout_is_frozen() {
    let bytes = bytes(&record());
    assert_eq!(bytes[..2], abi::VERSION.to_be_bytes());
    assert_eq!(bytes[2..12], [4, 17, 2, 1, 1, 2, 2, 3, 4, 0]);
    assert_eq!(bytes[12..20], [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(bytes[20..40], [0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0, 60]);
    assert_eq!(bytes[40..48], [0xe0, 0x64, 0, 7, 0, 0, 0, 0]);
    assert_eq!(bytes[48..64], [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0x9c, 0x40, 2, 0x6f]);
    assert_eq!(bytes[64..68], [203, 0, 113, 1]);
    assert_eq!(bytes[80..84], [198, 51, 100, 9]);
    assert_eq!(bytes[96..100], [192, 0, 2, 1]);
}

#[test]
fn a_record_reads_back_as_it_was_written() {
    let record = AlertRecord::decode(&bytes(&record())).expect("a whole record");
    assert_eq!(record.circumstances(), CIRCUMSTANCES);
    assert_eq!(record.addresses(), [IpAddr::from([203, 0, 113, 1]), IpAddr::from([198, 51, 100, 9])]);
    assert_eq!(record.matched(), IpAddr::from([192, 0, 2, 1]));
    assert_eq!((record.side(), record.via(), record.is_inner()), (Side::Target, Via::SixToFour, true));
    assert_eq!(record.ports(), Some((40_000, 623)));
    assert_eq!((record.icmp_type(), record.is_arp()), (None, false));
    assert!(record.vlans().eq([100, 7]));
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
    // Family, tags, side, carrier, place, family of the match.
    for (place, value) in [(2, 5), (4, 5), (7, 3), (8, 6), (9, 16), (10, 0)] {
        let mut senseless = good;
        senseless[place] = value;
        assert_eq!(AlertRecord::decode(&senseless).err(), Some(Undecodable::Content), "byte {place}");
    }
}

#[test]
fn evidence_and_folding_do_not_make_another_flow() {
    let mut marked = record();
    marked.set_evidence();
    marked.set_folded(true);
    assert_eq!(marked.flow(), record().flow());
    let read = AlertRecord::decode(&bytes(&marked)).expect("a whole record");
    assert!(read.has_evidence() && read.is_folded());
    assert!(!record().has_evidence());
}
