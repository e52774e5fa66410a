//! The index in front of the tries: the class of almost every address in one to three cache lines.
//!
//! A trie visits a node for every bit in which the ranges around an address differ, and each visit waits for
//! memory. Here the first 16 bits select an entry of the root, and each following byte one of a node, until an
//! entry answers.
//!
//! A node has 256 entries of which long stretches are equal, so it holds one entry for each stretch and a bitmap of
//! where they begin; the number of bits up to the address's byte is the number of the entry. Nearly every node is
//! one cache line. Equal nodes are stored once.
//!
//! ```text
//! root   65 536 entries of 4 bytes
//! node   32 bytes  bitmap, one bit for each value of the byte; the first is always set
//!         4 bytes  bits set before each of its four words
//!        the rest  entries of 1 byte (all of them answers) or of 4; whole lines of 64 bytes
//! entry  0 nothing · 1 to 254 a class · 255 ask the trie · NODE | NARROW? | number of the node's first line
//! ```
//!
//! The tries stay the authority: what an entry cannot say (a class above 254) or the index has no room for, it
//! leaves to them.

/// `u64` words of a page: the index lies in maps of one page each, because a look-up in a map of a fixed size is
/// inlined (`array_map_gen_lookup`, `kernel/bpf/arraymap.c`), and a call costs more than all the rest of a step.
pub const PAGE_WORDS: usize = 16 << 10;

/// Most pages of one index: 64 MiB. What has no room is left to the trie.
pub const MAX_PAGES: u32 = 512;

/// Words of a line, the unit that nodes are made of: a cache line.
pub const LINE_WORDS: usize = 8;

/// Lines of a page. No node lies in two pages.
pub const PAGE_LINES: u32 = (PAGE_WORDS / LINE_WORDS) as u32;

/// Entries of the root.
pub const ROOT_ENTRIES: usize = 1 << 16;

/// Pages that the root takes, the first ones.
pub const ROOT_PAGES: u32 = (ROOT_ENTRIES / 2 / PAGE_WORDS) as u32;

/// The entry that leaves the answer to the trie; classes from here on cannot stand in an entry.
pub const ASK_TRIE: u32 = 255;

/// Flag of an entry that is no answer but the number of a node's first line.
pub const NODE: u32 = 1 << 31;

/// Flag beside [`NODE`]: the node's entries are one byte each.
pub const NARROW: u32 = 1 << 30;

/// Where in a node its entries begin, in bytes.
pub const ENTRIES_AT: usize = 36;

/// A part of the index, aligned to cache lines wherever it lies.
pub type Page = [u64; PAGE_WORDS];

/// Where the walk reads the index: maps in the kernel, memory on the host.
pub trait Pages {
    /// The page of this number, if there is one.
    fn page(&self, number: u32) -> Option<&Page>;
}

/// What the index says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No range covers it.
    Nothing,
    /// The longest range that covers it is of this class.
    Class(u32),
    /// The trie knows.
    AskTrie,
}

/// Looks an address up. A missing page is no answer, so that a doubt is never a miss.
#[inline(always)]
pub fn find<const BYTES: usize>(pages: &impl Pages, address: [u8; BYTES]) -> Answer {
    let first = (address[0] as usize) << 8 | address[1] as usize;
    let Some(root) = pages.page((first / 2 / PAGE_WORDS) as u32) else {
        return Answer::AskTrie;
    };
    let mut entry = quarter(root, first * 4);
    let mut next = 2;
    while entry & NODE != 0 && next < BYTES {
        let line = entry & !(NODE | NARROW);
        let Some(page) = pages.page(line / PAGE_LINES) else {
            return Answer::AskTrie;
        };
        entry = step(page, line, entry & NARROW != 0, address[next]);
        next += 1;
    }
    match entry {
        0 => Answer::Nothing,
        1..ASK_TRIE => Answer::Class(entry),
        _ => Answer::AskTrie,
    }
}

/// The entry of a node that the address's next byte selects.
#[inline(always)]
fn step(page: &Page, line: u32, narrow: bool, byte: u8) -> u32 {
    let node = (line % PAGE_LINES) as usize * LINE_WORDS;
    let (group, bit) = (byte as usize / 64, byte % 64);
    let begun = word(page, node + group) & (2_u64 << bit).wrapping_sub(1);
    let before = word(page, node + 4) >> (8 * group) & 0xff;
    let number = (before + ones(begun)) as usize;
    // The bitmap's first bit is set, so the first entry has the number 1.
    if narrow {
        let at = node * 8 + ENTRIES_AT - 1 + number;
        (word(page, at / 8) >> (8 * (at % 8)) & 0xff) as u32
    } else {
        quarter(page, node * 8 + ENTRIES_AT - 4 + 4 * number)
    }
}

/// The four bytes at a multiple of four.
#[inline(always)]
fn quarter(page: &Page, at: usize) -> u32 {
    (word(page, at / 8) >> (8 * (at % 8))) as u32
}

/// The mask keeps every read inside the page, which is also all that the verifier asks.
#[inline(always)]
fn word(page: &Page, at: usize) -> u64 {
    page[at % PAGE_WORDS]
}

/// Bits set: a dozen instructions, for BPF has none of its own, and still less than a cache line.
#[inline(always)]
const fn ones(word: u64) -> u64 {
    word.count_ones() as u64
}

const _: () = assert!(PAGE_WORDS.is_power_of_two() && (ROOT_ENTRIES / 2).is_multiple_of(PAGE_WORDS));
const _: () = assert!(MAX_PAGES.is_power_of_two() && MAX_PAGES as u64 * (PAGE_LINES as u64) < NARROW as u64);
