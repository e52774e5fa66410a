//! Whether the kernel's maps are as they were written: the stamp of the generation, and samples of what it holds.
//!
//! Whoever may write maps can blind the program without touching it. Samples are other ones each time, so that a change of
//! much is found at once and one of little in time; the canary shows meanwhile that the program finds its way.

use std::net::{Ipv4Addr, Ipv6Addr};

use aya::{
    Pod,
    maps::{Array, MapData, lpm_trie::Key},
};
use checker_common::abi;

use super::{classes::Classes, compile::Table, fill::Trie};

/// Samples of each map in a round.
const SAMPLES: usize = 8;

/// A map that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tampered {
    /// Its name.
    pub map: String,
    /// What it says, and should say.
    pub reason: String,
}

impl Tampered {
    fn new(map: &str, reason: String) -> Self {
        Self { map: map.to_owned(), reason }
    }
}

/// The generation that packets are judged by.
pub(super) fn stamp(active: &Array<MapData, u64>, expected: u64) -> Option<Tampered> {
    let found = active.get(&0, 0).ok()?;
    (found != expected)
        .then(|| Tampered::new(abi::ACTIVE, format!("it says generation {found}, not {expected}")))
}

/// What is done with packets of a class.
pub(super) fn actions(table: &Array<MapData, u32>, classes: &Classes, round: usize) -> Option<Tampered> {
    let all: Vec<_> = classes.iter().collect();
    some_of(&all, round).find_map(|(id, class)| {
        let found = table.get(id, 0).ok()?;
        let expected = class.action.value();
        (found != expected).then(|| {
            let reason = format!("the action of {} is {found}, not {expected}", class.label);
            Tampered::new(abi::CLASSES, reason)
        })
    })
}

/// IPv4 ranges in their trie.
pub(super) fn ranges_v4(trie: &Trie<[u8; 4]>, table: &Table, round: usize) -> Option<Tampered> {
    ranges(abi::RANGES_V4, trie, table, round, |key| Ipv4Addr::from((key >> 96) as u32).octets())
}

/// IPv6 ranges in their trie.
pub(super) fn ranges_v6(trie: &Trie<[u8; 16]>, table: &Table, round: usize) -> Option<Tampered> {
    ranges(abi::RANGES_V6, trie, table, round, |key| Ipv6Addr::from(key).octets())
}

fn ranges<K: Pod>(
    map: &str,
    trie: &Trie<K>,
    table: &Table,
    round: usize,
    octets: fn(u128) -> K,
) -> Option<Tampered> {
    some_of(table.ranges(), round).find_map(|range| {
        let expected = table.lookup(range.key).map(|range| range.class);
        let found = trie.get(&Key::new(8 * size_of::<K>() as u32, octets(range.key)), 0).ok();
        (found != expected)
            .then(|| Tampered::new(map, format!("{} is not in it as it was written", range.net())))
    })
}

/// So many of all, others each round.
fn some_of<T>(all: &[T], round: usize) -> impl Iterator<Item = &T> {
    let first = round.wrapping_mul(SAMPLES);
    (0..SAMPLES.min(all.len())).map(move |place| &all[first.wrapping_add(place) % all.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_is_looked_at_in_time() {
        let all: Vec<_> = (0..20).collect();
        let mut seen: Vec<_> = (0..3).flat_map(|round| some_of(&all, round)).copied().collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, all);
        assert_eq!(some_of::<u8>(&[], 7).count(), 0);
        assert_eq!(some_of(&[1], usize::MAX).count(), 1);
    }
}
