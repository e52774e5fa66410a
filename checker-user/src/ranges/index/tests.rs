//! The index against the table, at every border and anywhere.

use std::{net::IpAddr, sync::Arc};

use proptest::prelude::*;

use checker_common::index::{Answer, ROOT_PAGES};

use super::*;
use crate::ranges::{
    classes::Classes,
    compile::{Compiled, compile},
    merge::{Range, key, merge},
    parse::parse,
    source::Source,
};

fn compiled(lists: &[String]) -> Compiled {
    let list = |(number, text): (usize, &String)| {
        let spec = format!("L{number}=list.txt").parse().unwrap();
        Arc::new(parse(&Source { spec, bytes: text.clone().into(), sha256: [0; 32] }).unwrap())
    };
    compile(merge(lists.iter().enumerate().map(list).collect(), &mut Classes::default()).unwrap())
}

/// Whether the index says what the table says, or leaves it to the trie.
fn agrees(table: &Table, index: &Index, addr: IpAddr) -> Result<bool, TestCaseError> {
    let said = match addr {
        IpAddr::V4(v4) => index.find(v4.octets()),
        IpAddr::V6(v6) => index.find(v6.octets()),
    };
    let class = table.lookup(key(addr)).map(|range| range.class);
    match said {
        Answer::AskTrie => return Ok(false),
        Answer::Nothing => prop_assert_eq!(class, None, "{}", addr),
        Answer::Class(said) => prop_assert_eq!(class, Some(said), "{}", addr),
    }
    Ok(true)
}

fn around(addr: IpAddr) -> [IpAddr; 3] {
    match addr {
        IpAddr::V4(v4) => [u32::MAX, 0, 1].map(|by| IpAddr::V4(v4.to_bits().wrapping_add(by).into())),
        IpAddr::V6(v6) => [u128::MAX, 0, 1].map(|by| IpAddr::V6(v6.to_bits().wrapping_add(by).into())),
    }
}

/// Few distinct bits, so that prefixes nest, touch and repeat.
fn lists() -> impl Strategy<Value = Vec<String>> {
    let v4 = (prop::sample::select(vec![0, 0x0a00_0000, 0xc000_0200, u32::MAX]), 0..=7u32, 0..=32u8)
        .prop_map(|(base, low, len)| format!("{}/{len}\n", IpAddr::V4((base ^ low ^ (low << 13)).into())));
    let v6 = (prop::sample::select(vec![0, 0x2001_0db8_u128 << 96, u128::MAX]), 0..=7u128, 0..=128u8)
        .prop_map(|(base, low, len)| {
            format!("{}/{len}\n", IpAddr::V6((base ^ low ^ (low << 62) ^ (low << 100)).into()))
        });
    let list = prop::collection::vec(prop_oneof![v4, v6], 1..30).prop_map(|lines| lines.concat());
    prop::collection::vec(list, 1..4)
}

proptest! {
    #[test]
    fn it_says_what_the_table_says(lists in lists(), v4 in any::<u32>(), v6 in any::<u128>()) {
        let compiled = compiled(&lists);
        for (table, anywhere) in [
            (&compiled.v4, IpAddr::V4(v4.into())),
            (&compiled.v6, IpAddr::V6(v6.into())),
        ] {
            if table.is_empty() {
                continue;
            }
            let index = index(table);
            let borders = table.ranges().iter().map(Range::net);
            let borders = borders.flat_map(|net| [net.network(), net.broadcast()]).flat_map(around);
            for addr in borders.chain([anywhere]) {
                prop_assert!(agrees(table, &index, addr)?, "{addr} was left to the trie");
            }
        }
    }
}

#[test]
fn the_255th_class_is_left_to_the_trie() {
    let lists: Vec<_> = (0..300).map(|n| format!("10.{}.{}.0/24\n", n / 200, n % 200)).collect();
    let compiled = compiled(&lists);
    let index = index(&compiled.v4);
    assert_eq!(index.find([10, 1, 53, 9]), Answer::Class(254));
    assert_eq!(index.find([10, 1, 54, 9]), Answer::AskTrie);
    assert_eq!(index.find([10, 1, 99, 9]), Answer::AskTrie);
    assert_eq!(index.find([10, 1, 100, 9]), Answer::Nothing);
}

#[test]
fn what_has_no_room_is_left_to_the_trie_and_the_rest_is_not() {
    // Scattered: no two nodes are equal.
    let scattered = |n: u32| n.wrapping_mul(0x9e37_79b1);
    let list: String = (0..20_000).map(|n| format!("{}\n", IpAddr::V4(scattered(n).into()))).collect();
    let compiled = compiled(&[list]);
    let index = index_within(&compiled.v4, ROOT_PAGES + 1);
    assert_eq!(index.pages().len() as u32, ROOT_PAGES + 1);
    let answered =
        (0..200_000).filter(|n| agrees(&compiled.v4, &index, IpAddr::V4(scattered(*n).into())).unwrap());
    assert!((1..200_000).contains(&answered.count()));
}

#[test]
fn without_an_index_nothing_is_a_miss() {
    assert_eq!(index(&Table::default()).find([0; 16]), Answer::AskTrie);
}
