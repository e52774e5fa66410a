//! Where nodes and units lie: in pages, each once however often it is referred to.

use std::collections::HashMap;

use checker_common::index::{
    ENTRIES_AT, FEW, LINE_UNITS, LINE_WORDS, NARROW, NODE, PAGE_LINES, PAGE_WORDS, Page, ROOT_PAGES,
    UNIT_WORDS,
};

/// The pages so far.
pub(super) struct Store {
    pages: Vec<Box<Page>>,
    most: u32,
    /// The first free line.
    free: u32,
    /// The first free unit of a line that was begun, and those that are free after it.
    units: u32,
    units_left: u32,
    /// Entries of nodes and of units by their content, so that equal ones are stored once.
    nodes: HashMap<Box<[u64]>, u32>,
    few: HashMap<Box<[u64]>, u32>,
}

impl Store {
    /// Pages for the root, and room for more up to `most`.
    pub(super) fn new(most: u32) -> Self {
        Self {
            pages: (0..ROOT_PAGES).map(|_| blank()).collect(),
            most,
            free: ROOT_PAGES * PAGE_LINES,
            units: 0,
            units_left: 0,
            nodes: HashMap::new(),
            few: HashMap::new(),
        }
    }

    /// The entry that refers to a node; `None` when there is no room.
    pub(super) fn node(&mut self, entries: &[u32; 256], narrow: bool) -> Option<u32> {
        let node = encode(entries, narrow);
        if let Some(&entry) = self.nodes.get(&*node) {
            return Some(entry);
        }
        let line = self.lines((node.len() / LINE_WORDS) as u32)?;
        self.write(line * LINE_UNITS, &node);
        let entry = NODE | line | if narrow { NARROW } else { 0 };
        self.nodes.insert(node, entry);
        Some(entry)
    }

    /// The entry that refers to a few units; `None` when there is no room.
    pub(super) fn few(&mut self, units: &[u64]) -> Option<u32> {
        if let Some(&entry) = self.few.get(units) {
            return Some(entry);
        }
        let count = (units.len() / UNIT_WORDS) as u32;
        if self.units_left < count {
            self.units = self.lines(1)? * LINE_UNITS;
            self.units_left = LINE_UNITS;
        }
        let entry = FEW | self.units;
        self.write(self.units, units);
        self.units += count;
        self.units_left -= count;
        self.few.insert(units.into(), entry);
        Some(entry)
    }

    /// The pages with the root in them.
    pub(super) fn finish(mut self, root: &[u32]) -> Vec<Box<Page>> {
        for (at, pair) in root.chunks_exact(2).enumerate() {
            self.pages[at / PAGE_WORDS][at % PAGE_WORDS] = u64::from(pair[1]) << 32 | u64::from(pair[0]);
        }
        self.pages
    }

    /// Free lines of one page; `None` when there are none.
    fn lines(&mut self, count: u32) -> Option<u32> {
        let left = PAGE_LINES - self.free % PAGE_LINES;
        let line = if count > left { self.free + left } else { self.free };
        let page = line / PAGE_LINES;
        if page >= self.most {
            return None;
        }
        if page as usize == self.pages.len() {
            self.pages.push(blank());
        }
        self.free = line + count;
        Some(line)
    }

    fn write(&mut self, unit: u32, words: &[u64]) {
        let page = unit / LINE_UNITS / PAGE_LINES;
        let at = (unit % (PAGE_LINES * LINE_UNITS)) as usize * UNIT_WORDS;
        self.pages[page as usize][at..at + words.len()].copy_from_slice(words);
    }
}

/// A node in whole lines.
fn encode(entries: &[u32; 256], narrow: bool) -> Box<[u64]> {
    let width = if narrow { 1 } else { 4 };
    let mut counts = 0;
    let mut node = vec![0; LINE_WORDS];
    let mut at = ENTRIES_AT;
    // Something else, so that the first entry begins a run.
    let mut before = !entries[0];
    for (word, part) in entries.as_chunks::<64>().0.iter().enumerate() {
        counts |= ((at - ENTRIES_AT) / width) << (8 * word);
        let mut runs = runs(before, part);
        before = part[63];
        node[word] = runs;
        while runs != 0 {
            if at / 8 >= node.len() {
                node.resize(node.len() + LINE_WORDS, 0);
            }
            node[at / 8] |= u64::from(part[runs.trailing_zeros() as usize]) << (8 * (at % 8));
            at += width;
            runs &= runs - 1;
        }
    }
    node[4] |= counts as u64;
    node.into_boxed_slice()
}

/// Where entries differ from the one before them. Without branches: of most nodes few do, and a list has thousands.
fn runs(before: u32, part: &[u32; 64]) -> u64 {
    let pairs = part.windows(2).zip(1..).map(|(pair, at)| u64::from(pair[0] != pair[1]) << at);
    pairs.fold(u64::from(before != part[0]), |bits, bit| bits | bit)
}

fn blank() -> Box<Page> {
    Box::new([0; PAGE_WORDS])
}
