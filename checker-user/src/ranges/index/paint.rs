//! Ranges → entries, from the root down: a node for every entry below which something differs, or a few units.

use std::cmp::Reverse;

use checker_common::index::{ASK_TRIE, ELSE_AT, FOUND_AT, LAST, LINE_UNITS, NODE, Page, ROOT_ENTRIES};

use super::store::Store;
use crate::ranges::merge::Range;

/// The pages for ranges in the order of a table: by key, wider before narrower. No more than `most`.
pub(super) fn paint(ranges: &[Range], most: u32) -> Vec<Box<Page>> {
    let mut painter = Painter { store: Store::new(most) };
    let mut root = vec![0; ROOT_ENTRIES];
    painter.paint(&mut root, ranges, 0, 0);
    painter.store.finish(&root)
}

struct Painter {
    store: Store,
}

impl Painter {
    /// Fills the entries of a node whose first bit is the address's bit `from`; `ranges` are all that end in it or
    /// below it. They come wider before narrower, so the longest match is painted last.
    fn paint(&mut self, entries: &mut [u32], ranges: &[Range], from: u32, around: u32) {
        entries.fill(around);
        let to = from + entries.len().ilog2();
        let last = entries.len() - 1;
        let slot = |range: &Range| (range.key >> (128 - to)) as usize & last;
        let mut rest = ranges;
        while let Some(range) = rest.first() {
            let at = slot(range);
            if u32::from(range.len) <= to {
                let width = 1 << (to - u32::from(range.len));
                entries[at..at + width].fill(answer(range.class));
                rest = &rest[1..];
            } else {
                let below = rest.partition_point(|other| slot(other) == at && u32::from(other.len) > to);
                entries[at] = self.below(&rest[..below], to, entries[at]);
                rest = &rest[below..];
            }
        }
    }

    /// The entry for what is below another one, from the address's bit `from` on.
    fn below(&mut self, ranges: &[Range], from: u32, around: u32) -> u32 {
        if is_few(ranges, from) {
            return self.store.few(&few(ranges, from, around)).unwrap_or(ASK_TRIE);
        }
        let mut entries = [0; 256];
        self.paint(&mut entries, ranges, from, around);
        let narrow = entries.iter().fold(0, |most, entry| most.max(*entry)) <= ASK_TRIE;
        if narrow && entries.iter().all(|entry| *entry == entries[0]) {
            return entries[0];
        }
        self.store.node(&entries, narrow).unwrap_or(ASK_TRIE)
    }
}

/// Whether units can say it, and in fewer lines than nodes, which reach eight bits each.
fn is_few(ranges: &[Range], from: u32) -> bool {
    let longest = ranges.iter().map(|range| u32::from(range.len)).max().unwrap_or_default();
    ranges.len() <= LINE_UNITS as usize && (from + 9..=from + u64::BITS).contains(&longest)
}

/// The units of a few ranges, the longest first.
fn few(ranges: &[Range], from: u32, around: u32) -> Vec<u64> {
    let mut longest_first: Vec<&Range> = ranges.iter().collect();
    longest_first.sort_by_key(|range| Reverse(range.len));
    let units = longest_first.into_iter().flat_map(|range| {
        let unused = u64::from(u64::BITS + from - u32::from(range.len));
        let answers = u64::from(answer(range.class)) << FOUND_AT | u64::from(around) << ELSE_AT;
        [(range.key << from >> 64) as u64, unused | answers]
    });
    let mut units: Vec<u64> = units.collect();
    if let Some(what) = units.last_mut() {
        *what |= LAST;
    }
    units
}

const fn answer(class: u32) -> u32 {
    if class < ASK_TRIE { class } else { ASK_TRIE }
}

const _: () = assert!(ASK_TRIE < NODE);
