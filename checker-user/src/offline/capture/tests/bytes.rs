//! Bytes that nobody meant as a capture, and captures that come in pieces.

use std::io::{self, Read};

use proptest::prelude::*;

use super::{ORDERS, Order, read};
use crate::offline::capture::reader::MAGICS;

/// Gives its bytes in pieces, and is interrupted between them.
struct Pieces<'a> {
    rest: &'a [u8],
    piece: usize,
    interrupted: bool,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = self.piece.min(self.rest.len()).min(buffer.len());
        let (now, rest) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.rest = rest;
        Ok(length)
    }
}

/// Blocks and records that are right but for a few bytes.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let packets = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..6);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (any::<bool>(), any::<bool>(), packets, changes).prop_map(|(big, pcapng, packets, changes)| {
        let order = Order { big };
        let mut file = if pcapng {
            [order.section(), order.interface(1, 0, &[(9, &[6])])].concat()
        } else {
            order.pcap(0xa1b2_c3d4, 1)
        };
        for packet in packets {
            file.extend(if pcapng { order.enhanced(0, 7, &packet) } else { order.record(1, 2, &packet) });
        }
        for (place, value) in changes {
            let place = place.index(file.len());
            file[place] = value;
        }
        file
    })
}

proptest! {
    #[test]
    fn no_bytes_are_too_much(magic in prop::sample::select(MAGICS.to_vec()), rest in prop::collection::vec(any::<u8>(), 0..400)) {
        let file = [magic.to_vec(), rest].concat();
        let (found, _) = read(&*file);
        prop_assert!(found.iter().map(|record| record.bytes.len()).sum::<usize>() <= file.len());
    }

    #[test]
    fn nearly_right_files_end_somehow_and_the_same_in_pieces(file in nearly(), piece in 1..100_usize) {
        let (found, broken) = read(&*file);
        prop_assert!(found.iter().map(|record| record.bytes.len()).sum::<usize>() <= file.len());
        let (again, broken_again) = read(Pieces { rest: &file, piece, interrupted: false });
        prop_assert_eq!(found, again);
        prop_assert_eq!(format!("{broken:?}"), format!("{broken_again:?}"));
    }
}

/// Records across the borders of what is read at once.
#[test]
fn megabytes_come_as_they_are() {
    for order in ORDERS {
        let packet = |number: usize| vec![number as u8; number * 37 % 3000];
        let mut file = order.pcap(0xa1b2_c3d4, 1);
        let mut blocks = [order.section(), order.interface(1, 0, &[])].concat();
        for number in 0..3000 {
            file.extend(order.record(1, 2, &packet(number)));
            blocks.extend(order.enhanced(0, 7, &packet(number)));
        }
        for file in [file, blocks] {
            let (found, broken) = read(&*file);
            assert!(broken.is_none(), "{broken:?}");
            assert_eq!(found.len(), 3000);
            for (number, record) in found.iter().enumerate() {
                assert_eq!(record.bytes, packet(number), "{number}");
            }
        }
    }
}

#[test]
fn a_failed_read_keeps_its_reason() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is on fire"))
        }
    }
    let header = Order { big: false }.pcap(0xa1b2_c3d4, 1);
    let (found, broken) = read(header.chain(Failing));
    assert!(found.is_empty());
    assert_eq!(
        format!("{broken:?}"),
        "Some(Unreadable(Custom { kind: Other, error: \"the disk is on fire\" }))"
    );
}
