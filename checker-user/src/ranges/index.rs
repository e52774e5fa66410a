//! Table → index: the pages that answer nearly every address before a trie is asked. What the bytes mean, and why,
//! stands with the walk that reads them, [`checker_common::index`].

use std::collections::HashMap;

use checker_common::index::{
    ASK_TRIE, Answer, ENTRIES_AT, LINE_WORDS, MAX_PAGES, NARROW, NODE, PAGE_LINES, PAGE_WORDS, Page, Pages,
    ROOT_ENTRIES, ROOT_PAGES, find,
};

use super::{compile::Table, merge::Range};

/// The index of one family.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pages: Vec<Box<Page>>,
}

/// Builds the index of a table.
#[must_use]
pub fn index(table: &Table) -> Index {
    index_within(table, MAX_PAGES)
}

fn index_within(table: &Table, most: u32) -> Index {
    if table.is_empty() {
        return Index::default();
    }
    let pages = (0..ROOT_PAGES).map(|_| blank()).collect();
    let mut builder = Builder { pages, free: ROOT_PAGES * PAGE_LINES, most, known: HashMap::new() };
    let mut root = vec![0; ROOT_ENTRIES];
    builder.paint(&mut root, table.ranges(), 0, 0);
    for (at, pair) in root.chunks_exact(2).enumerate() {
        builder.pages[at / PAGE_WORDS][at % PAGE_WORDS] = u64::from(pair[1]) << 32 | u64::from(pair[0]);
    }
    Index { pages: builder.pages }
}

impl Index {
    /// Its pages in order; none for an empty table.
    #[must_use]
    pub fn pages(&self) -> &[Box<Page>] {
        &self.pages
    }

    /// Bytes of kernel memory that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.pages.len() * size_of::<Page>()
    }

    /// What the kernel program would be told.
    #[must_use]
    pub fn find<const BYTES: usize>(&self, address: [u8; BYTES]) -> Answer {
        find(self, address)
    }
}

impl Pages for Index {
    fn page(&self, number: u32) -> Option<&Page> {
        self.pages.get(number as usize).map(Box::as_ref)
    }
}

struct Builder {
    pages: Vec<Box<Page>>,
    /// The first free line.
    free: u32,
    most: u32,
    /// Nodes by their content, so that equal ones are stored once.
    known: HashMap<Vec<u64>, u32>,
}

impl Builder {
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
                entries[at] = self.node(&rest[..below], to, entries[at]);
                rest = &rest[below..];
            }
        }
    }

    /// The entry for a node of the eight bits from `from` on.
    fn node(&mut self, ranges: &[Range], from: u32, around: u32) -> u32 {
        let mut entries = [0; 256];
        self.paint(&mut entries, ranges, from, around);
        let narrow = entries.iter().all(|entry| entry & NODE == 0);
        if narrow && entries.iter().all(|entry| *entry == entries[0]) {
            return entries[0];
        }
        let node = encode(&entries, narrow);
        if let Some(&entry) = self.known.get(&node) {
            return entry;
        }
        let Some(line) = self.store(&node) else {
            return ASK_TRIE;
        };
        let entry = NODE | line | if narrow { NARROW } else { 0 };
        self.known.insert(node, entry);
        entry
    }

    /// Puts a node on the first free lines of one page; `None` when there is no room.
    fn store(&mut self, node: &[u64]) -> Option<u32> {
        let lines = (node.len() / LINE_WORDS) as u32;
        let left = PAGE_LINES - self.free % PAGE_LINES;
        let line = if lines > left { self.free + left } else { self.free };
        let page = line / PAGE_LINES;
        if page >= self.most {
            return None;
        }
        if page as usize == self.pages.len() {
            self.pages.push(blank());
        }
        let at = (line % PAGE_LINES) as usize * LINE_WORDS;
        self.pages[page as usize][at..at + node.len()].copy_from_slice(node);
        self.free = line + lines;
        Some(line)
    }
}

const fn answer(class: u32) -> u32 {
    if class < ASK_TRIE { class } else { ASK_TRIE }
}

/// A node in whole lines.
fn encode(entries: &[u32; 256], narrow: bool) -> Vec<u64> {
    let width = if narrow { 1 } else { 4 };
    let mut bitmap = [0_u64; 4];
    let mut counts = 0;
    let mut node = vec![0; LINE_WORDS];
    let mut at = ENTRIES_AT;
    let mut last = None;
    for (value, &entry) in entries.iter().enumerate() {
        if value % 64 == 0 {
            counts |= ((at - ENTRIES_AT) / width) << (8 * (value / 64));
        }
        if last.replace(entry) == Some(entry) {
            continue;
        }
        bitmap[value / 64] |= 1 << (value % 64);
        if at / 8 >= node.len() {
            node.resize(node.len() + LINE_WORDS, 0);
        }
        node[at / 8] |= u64::from(entry) << (8 * (at % 8));
        at += width;
    }
    node[..4].copy_from_slice(&bitmap);
    node[4] |= counts as u64;
    node
}

fn blank() -> Box<Page> {
    Box::new([0; PAGE_WORDS])
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, sync::Arc};

    use proptest::prelude::*;

    use super::*;
    use crate::ranges::{
        classes::Classes,
        compile::{Compiled, compile},
        merge::{key, merge},
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
            .prop_map(|(base, low, len)| {
                format!("{}/{len}\n", IpAddr::V4((base ^ low ^ (low << 13)).into()))
            });
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
}
