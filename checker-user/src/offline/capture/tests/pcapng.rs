use super::{ORDERS, Order, Owned, read, wrong};
use crate::offline::capture::record::Broken;

fn record(bytes: &[u8], length: u32, link: u16, nanoseconds: u64, interface: Option<&str>) -> Owned {
    let interface = interface.map(str::to_owned);
    Owned { bytes: bytes.to_vec(), length, link, nanoseconds, interface }
}

/// A section of each byte order, with interfaces of their own and all kinds of packets.
#[test]
fn sections_interfaces_and_packet_blocks() {
    let mut file = Vec::new();
    for order in ORDERS {
        let minus_one = if order.big { (-1_i64).to_be_bytes() } else { (-1_i64).to_le_bytes() };
        file.extend(order.section());
        file.extend(order.interface(1, 6, &[(2, b"eth0"), (9, &[9]), (1, b"a comment")]));
        file.extend(order.interface(101, 0, &[(9, &[0x80 | 10]), (14, &minus_one), (0, b"")]));
        file.extend(order.interface(113, 0, &[]));
        // Statistics, and a block type that nobody has given out.
        file.extend(order.block(5, &[0; 64]));
        file.extend(order.block(0x4321, b"?"));
        file.extend(order.enhanced(0, 1_700_000_000_123_456_789, b"nanoseconds"));
        file.extend(order.enhanced(1, 1024 * 5 + 512, b"1024ths"));
        file.extend(order.enhanced(2, 1_700_000_000_123_456, b"microseconds"));
        let obsolete = [order.two(2), order.two(7), order.fours(&[0, 9, 3, 4])];
        file.extend(order.block(2, &[obsolete.concat(), b"old".to_vec()].concat()));
        file.extend(order.block(3, &[order.four(600), b"simple".to_vec()].concat()));
        file.extend(order.block(3, &[order.four(3), b"odd".to_vec()].concat()));
    }
    let section = [
        record(b"nanoseconds", 1011, 1, 1_700_000_000_123_456_789, Some("eth0")),
        record(b"1024ths", 1007, 101, 4_500_000_000, None),
        record(b"microseconds", 1012, 113, 1_700_000_000_123_456_000, None),
        record(b"old", 4, 113, 9000, None),
        record(b"simple", 600, 1, 0, Some("eth0")),
        record(b"odd", 3, 1, 0, Some("eth0")),
    ];
    let (found, broken) = read(&*file);
    assert!(broken.is_none(), "{broken:?}");
    assert_eq!(found, [section.clone(), section].concat());
}

#[test]
fn a_file_that_is_cut_gives_what_stands_before() {
    for order in ORDERS {
        let blocks = [
            order.section(),
            order.interface(1, 0, &[]),
            order.enhanced(0, 1, b"first"),
            order.block(5, &[0; 32]),
            order.enhanced(0, 2, b"second"),
        ];
        let mut ends = vec![0];
        for block in &blocks {
            ends.push(ends[ends.len() - 1] + block.len());
        }
        let file = blocks.concat();
        for length in 1..=file.len() {
            let (found, broken) = read(&file[..length]);
            assert_eq!(found.len(), [3, 5].into_iter().filter(|block| ends[*block] <= length).count());
            match broken {
                None => assert!(ends.contains(&length), "{length}"),
                Some(Broken::Cut) => assert!(!ends.contains(&length), "{length}"),
                Some(other) => panic!("{length}: {other:?}"),
            }
        }
    }
}

/// What is passed over need not fit into memory.
#[test]
fn a_long_block_of_no_use_is_passed() {
    let order = Order { big: false };
    let long = order.block(0x0bad, &vec![1; 5 << 20]);
    let file = [order.section(), order.interface(1, 0, &[]), long, order.enhanced(0, 1, b"behind")].concat();
    let (found, broken) = read(&*file);
    assert!(broken.is_none(), "{broken:?}");
    assert_eq!(found[0].bytes, b"behind");
}

#[test]
fn what_contradicts_itself_is_refused() {
    for order in ORDERS {
        let begun = [order.section(), order.interface(1, 0, &[])].concat();
        let behind = |block: Vec<u8>| wrong(&[begun.clone(), block, vec![0; 64]].concat());
        assert_eq!(behind(order.fours(&[6, 3])), "a pcapng block is said to have 3 bytes");
        assert_eq!(behind(order.fours(&[6, 18])), "a pcapng block is said to have 18 bytes");
        assert_eq!(behind(order.fours(&[6, 0xffff_fff0])), "a pcapng block is said to have 4294967280 bytes");
        assert_eq!(behind(order.fours(&[6, 16])), "a pcapng block is said to have 16 bytes");
        assert_eq!(
            behind(order.fours(&[0x77, 16, 0, 20])),
            "a pcapng block is said to have 16 bytes in front and 20 behind"
        );
        assert_eq!(behind(order.enhanced(1, 1, b"")), "a packet is of interface 1, which is not described");
        let mut packet = order.enhanced(0, 1, b"four");
        packet[20..24].copy_from_slice(&order.four(5));
        assert_eq!(behind(packet.clone()), "a packet of 5 bytes is said to stand in a block of 36");
        packet[20..24].copy_from_slice(&order.four(u32::MAX));
        assert_eq!(behind(packet), "a packet is said to have 4294967295 bytes, more than 262144");
        let mut section = order.section();
        section[12..14].copy_from_slice(&order.two(2));
        assert_eq!(wrong(&section), "pcapng version 2, only 1 is known");
        section[8] = 0;
        assert!(wrong(&section).starts_with("no pcapng section has the byte order "));
    }
}

/// A later section forgets the interfaces of the one before.
#[test]
fn interfaces_belong_to_their_section() {
    let order = Order { big: true };
    let file =
        [order.section(), order.interface(1, 0, &[]), order.section(), order.enhanced(0, 1, b"")].concat();
    assert_eq!(wrong(&file), "a packet is of interface 0, which is not described");
}

#[test]
fn there_is_an_end_to_interfaces() {
    let order = Order { big: false };
    let file = [order.section(), order.interface(1, 0, &[]).repeat((1 << 16) + 1)].concat();
    assert_eq!(wrong(&file), "a pcapng section has more than 65536 interfaces");
}

#[test]
fn options_that_end_too_early_are_not_followed() {
    let order = Order { big: false };
    let body =
        [order.two(1), order.two(0), order.four(0), order.two(2), order.two(200), b"lo".to_vec()].concat();
    let file = [order.section(), order.block(1, &body), order.enhanced(0, 1, b"x")].concat();
    let (found, broken) = read(&*file);
    assert!(broken.is_none(), "{broken:?}");
    assert_eq!(found[0].interface, None);
}
