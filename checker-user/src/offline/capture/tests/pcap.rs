use super::{ORDERS, Order, Owned, read, wrong};
use crate::offline::capture::record::Broken;

#[test]
fn both_byte_orders_and_both_resolutions() {
    for order in ORDERS {
        for (magic, scale) in [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1)] {
            let records =
                [order.record(1_700_000_000, 5, b"one"), order.record(u32::MAX, 999_999, b"")].concat();
            // The upper half of the link type tells of a checksum of four bytes.
            let (found, broken) = read(&*[order.pcap(magic, 0x4400_0065), records].concat());
            assert!(broken.is_none(), "{broken:?}");
            let record = |bytes: &[u8], length, nanoseconds| Owned {
                bytes: bytes.to_vec(),
                length,
                link: 101,
                nanoseconds,
                interface: None,
            };
            let expected = [
                record(b"one", 1003, 1_700_000_000_000_000_000 + 5 * scale),
                record(b"", 1000, u64::from(u32::MAX) * 1_000_000_000 + 999_999 * scale),
            ];
            assert_eq!(found, expected, "{order:?} {magic:x}");
        }
    }
}

#[test]
fn a_file_that_is_cut_gives_what_stands_before() {
    let order = Order { big: false };
    let header = order.pcap(0xa1b2_c3d4, 1);
    let file = [header, order.record(1, 2, b"first"), order.record(3, 4, b"second")].concat();
    let ends = [24, 24 + 16 + 5, file.len()];
    for length in 0..=file.len() {
        let (found, broken) = read(&file[..length]);
        let whole = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(found.len(), whole.saturating_sub(1), "{length}");
        match broken {
            None => assert!(ends.contains(&length), "{length}"),
            Some(Broken::Cut) => assert!(!ends.contains(&length), "{length}"),
            Some(other) => panic!("{length}: {other:?}"),
        }
    }
}

#[test]
fn what_is_not_read_is_named() {
    for order in ORDERS {
        let modified = wrong(&order.pcap(0xa1b2_cd34, 1));
        assert_eq!(modified, "pcap of the modified form (magic a1b2cd34) is not read");
        let mut version = order.pcap(0xa1b2_c3d4, 1);
        version[4..6].copy_from_slice(&order.two(3));
        assert_eq!(wrong(&version), "pcap version 3, only 2 is known");
    }
    assert_eq!(wrong(&[b'x'; 24]), "no pcap file begins with 78787878");
}

#[test]
fn an_absurd_length_is_refused_and_the_packets_before_it_are_there() {
    for order in ORDERS {
        for length in [(256 << 10) + 1, u32::MAX] {
            let header = order.pcap(0xa1b2_c3d4, 1);
            let file =
                [header, order.record(1, 2, b"first"), order.fours(&[1, 2, length, length]), vec![0; 64]];
            let (found, broken) = read(&*file.concat());
            assert_eq!(found.len(), 1);
            let Some(Broken::Wrong(why)) = broken else { panic!("{broken:?}") };
            assert_eq!(why, format!("a packet is said to have {length} bytes, more than 262144"));
        }
    }
    let order = Order { big: true };
    let file = [order.pcap(0xa1b2_c3d4, 1), order.record(1, 2, &vec![7; 256 << 10])].concat();
    let (found, broken) = read(&*file);
    assert!(broken.is_none() && found[0].bytes.len() == 256 << 10, "the longest packet that there may be");
}
