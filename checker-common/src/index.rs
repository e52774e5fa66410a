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
//! Where only a few ranges are left below an entry, and they are deep, one node a byte would be a chain of lines with
//! one way through it. They stand side by side in a part of one line instead, and are compared with.
//!
//! ```text
//! root   65 536 entries of 4 bytes
//! node   32 bytes  bitmap, one bit for each value of the byte; the first is always set
//!         4 bytes  bits set before each of its four words
//!        the rest  entries of 1 byte (all of them answers) or of 4; whole lines of 64 bytes
//! few    1 to 4 units in one line, the longest range first
//! unit    8 bytes  the range's bits from here on, the first at the top
//!         1 byte   64 - how many bits it has
//!         1 byte   the answer for what has these bits
//!         1 byte   the answer for what has the bits of no unit
//!         1 byte   1 in the last unit
//! entry  0 nothing · 1 to 254 a class · 255 ask the trie · NODE | NARROW? | number of the node's first line ·
//!        FEW | number of the first unit
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

/// Flag of an entry that is the number of the first of a few units.
pub const FEW: u32 = 1 << 29;

/// Words of a unit.
pub const UNIT_WORDS: usize = 2;

/// Units of a line, and the most that stand for one entry.
pub const LINE_UNITS: u32 = (LINE_WORDS / UNIT_WORDS) as u32;

/// Where in a unit's second word its answers and its mark stand.
pub const FOUND_AT: u32 = 8;
/// See [`FOUND_AT`].
pub const ELSE_AT: u32 = 16;
/// See [`FOUND_AT`].
pub const LAST: u64 = 1 << 24;

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
    let mut rest = Rest::new(address);
    let first = rest.take(16) as usize;
    let Some(root) = pages.page((first / 2 / PAGE_WORDS) as u32) else {
        return Answer::AskTrie;
    };
    let mut entry = quarter(root, first * 4);
    let mut left = BYTES - 2;
    while entry & NODE != 0 && left > 0 {
        let line = entry & !(NODE | NARROW);
        let Some(page) = pages.page(line / PAGE_LINES) else {
            return Answer::AskTrie;
        };
        entry = step(page, line, entry & NARROW != 0, rest.take(8) as u8);
        left -= 1;
    }
    if entry & (NODE | FEW) == FEW {
        let unit = entry & !FEW;
        let Some(page) = pages.page(unit / LINE_UNITS / PAGE_LINES) else {
            return Answer::AskTrie;
        };
        entry = among(page, unit, rest.high);
    }
    match entry {
        0 => Answer::Nothing,
        1..ASK_TRIE => Answer::Class(entry),
        _ => Answer::AskTrie,
    }
}

/// The bits of an address that are not used yet, the first at the top. Two words, for BPF has no wider ones, and
/// shifted as they are used, so that the verifier need not tell one place in the address from another.
struct Rest {
    high: u64,
    low: u64,
}

impl Rest {
    #[inline(always)]
    fn new<const BYTES: usize>(address: [u8; BYTES]) -> Self {
        let byte = |at: usize| if at < BYTES { address[at] } else { 0 };
        let word = |from: usize| u64::from_be_bytes(core::array::from_fn(|at| byte(from + at)));
        Self { high: word(0), low: word(8) }
    }

    /// The next bits, fewer than 64.
    #[inline(always)]
    const fn take(&mut self, bits: u32) -> u64 {
        let taken = self.high >> (64 - bits);
        self.high = self.high << bits | self.low >> (64 - bits);
        self.low <<= bits;
        taken
    }
}

/// What a few units say of the bits that are left.
#[inline(always)]
fn among(page: &Page, unit: u32, rest: u64) -> u32 {
    let first = (unit % (PAGE_LINES * LINE_UNITS)) as usize * UNIT_WORDS;
    let mut what = 0;
    for at in 0..LINE_UNITS as usize {
        what = word(page, first + at * UNIT_WORDS + 1);
        if (word(page, first + at * UNIT_WORDS) ^ rest) >> (what & 63) == 0 {
            return (what >> FOUND_AT) as u32 & 0xff;
        }
        if what & LAST != 0 {
            break;
        }
    }
    (what >> ELSE_AT) as u32 & 0xff
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
const _: () = assert!(MAX_PAGES.is_power_of_two() && MAX_PAGES * PAGE_LINES * LINE_UNITS <= FEW);
