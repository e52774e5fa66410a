//! What a scan looked at and found: counted block by block, told at the end.

use std::{collections::HashMap, net::IpAddr};

use super::{most::Most, text::blocks::Block};
use crate::ranges::classes::Classes;

/// What one block holds.
#[derive(Debug, Default)]
pub struct Tally {
    /// Addresses, restricted or not.
    pub addresses: u64,
    matching: u64,
    /// Whether the first line matched, and the last one if it goes on in the next block.
    first: bool,
    open: bool,
    hits: HashMap<IpAddr, (u32, u64)>,
}

/// What all blocks so far hold.
#[derive(Debug, Default)]
pub struct Summary {
    /// Inputs that were read, at least in part.
    pub files: u64,
    /// Their lines.
    pub lines: u64,
    /// Their bytes, after decompression.
    pub bytes: u64,
    /// Their addresses.
    pub addresses: u64,
    /// Lines with a restricted address.
    pub matching: u64,
    found: Most,
    /// Whether the last line has no end yet, and whether it matched.
    unfinished: bool,
    open: bool,
}

impl Tally {
    /// Counts a restricted address.
    pub fn hit(&mut self, addr: IpAddr, class: u32) {
        self.hits.entry(addr).or_insert((class, 0)).1 += 1;
    }

    /// Counts a line that has one; it may be the block's first, and it may go on in the next block.
    pub const fn matching(&mut self, first: bool, open: bool) {
        self.matching += 1;
        self.first |= first;
        self.open = open;
    }
}

impl Summary {
    /// Adds the next block of the input, and empties its tally.
    pub fn add(&mut self, block: &Block, tally: &mut Tally) {
        let part = &block.bytes[block.from..block.to];
        self.lines += block.lines;
        self.bytes += part.len() as u64;
        self.unfinished = part.last().is_some_and(|byte| *byte != b'\n');
        self.addresses += tally.addresses;
        let counted_before = block.continues && self.open && tally.first;
        self.matching += tally.matching - u64::from(counted_before);
        // A piece of a line without a match leaves the line as it was.
        let piece = block.continues && self.unfinished && block.lines == 0;
        self.open = self.unfinished && (tally.open || (piece && self.open));
        for (addr, (class, count)) in tally.hits.drain() {
            self.found.add(addr, class, count);
        }
        *tally = Tally { hits: std::mem::take(&mut tally.hits), ..Tally::default() };
    }

    /// Ends an input.
    pub const fn end(&mut self) {
        self.files += 1;
        self.lines += self.unfinished as u64;
        self.unfinished = false;
        self.open = false;
    }

    /// Restricted addresses, each as often as it stands there.
    #[must_use]
    pub fn restricted(&self) -> u64 {
        self.found.total()
    }

    /// The summary as lines.
    #[must_use]
    pub fn text(&self, classes: &Classes) -> String {
        let mut text = format!(
            "scanned {}, {}, {:.1} MB: {}, {} restricted in {}\n",
            counted(self.files, "file"),
            counted(self.lines, "line"),
            self.bytes as f64 / 1e6,
            if self.addresses == 1 {
                "1 address".to_owned()
            } else {
                format!("{} addresses", self.addresses)
            },
            self.restricted(),
            counted(self.matching, "line"),
        );
        self.found.tell(classes, &mut text);
        text
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
