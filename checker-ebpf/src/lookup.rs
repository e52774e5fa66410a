//! The active generation, its index and its tries. The index answers nearly every packet; the tries stay the
//! authority, every range is in one.

use aya_ebpf::{
    btf_maps::{Array, ArrayOfMaps, LpmTrie, lpm_trie::Key},
    macros::btf_map,
};
use checker_common::{
    abi::{CLASS_COUNT, INDEX_PAGE_FLAGS, INDEX_PAGES, SLOTS, TEMPLATE_ENTRIES, slot},
    action::Action,
    index::{self, Answer, MAX_PAGES, Page, Pages},
    packet::Address,
};

type Index = ArrayOfMaps<Array<Page, 1, { INDEX_PAGE_FLAGS as usize }>, { INDEX_PAGES as usize }>;
type Trie<const BYTES: usize> = LpmTrie<[u8; BYTES], u32, { TEMPLATE_ENTRIES as usize }>;

#[btf_map]
static ACTIVE: Array<u64, 1> = Array::new();

#[btf_map]
static INDEX_V4: Index = ArrayOfMaps::new();

#[btf_map]
static INDEX_V6: Index = ArrayOfMaps::new();

#[btf_map]
static RANGES_V4: ArrayOfMaps<Trie<4>, { SLOTS as usize }> = ArrayOfMaps::new();

#[btf_map]
static RANGES_V6: ArrayOfMaps<Trie<16>, { SLOTS as usize }> = ArrayOfMaps::new();

#[btf_map]
static CLASSES: Array<u32, { CLASS_COUNT as usize }> = Array::new();

/// The generation that judges this packet: read once, so that a packet never sees two.
#[inline(always)]
pub(crate) fn active_generation() -> Option<u64> {
    let active = ACTIVE.get_ptr(0)?;
    // SAFETY: an element of an array map is never freed; volatile, because the loader writes it at any time.
    match unsafe { active.read_volatile() } {
        0 => None,
        generation => Some(generation),
    }
}

/// Class of the longest range that covers the address.
#[inline(always)]
pub(crate) fn longest_match(generation: u64, address: &Address) -> Option<u32> {
    let slot = slot(generation);
    let answer = match *address {
        Address::V4(address) => index::find(&Slot { maps: &INDEX_V4, slot }, address),
        Address::V6(address) => index::find(&Slot { maps: &INDEX_V6, slot }, address.0),
    };
    match answer {
        Answer::Nothing => None,
        Answer::Class(class) => Some(class),
        Answer::AskTrie => in_trie(slot, address),
    }
}

/// What the trie of a slot says of the address.
#[inline(always)]
pub(crate) fn in_trie(slot: u32, address: &Address) -> Option<u32> {
    match *address {
        Address::V4(address) => RANGES_V4.get(slot)?.get(&Key::new(32, address)).copied(),
        Address::V6(address) => RANGES_V6.get(slot)?.get(&Key::new(128, address.0)).copied(),
    }
}

/// One generation's pages of an index.
struct Slot {
    maps: &'static Index,
    slot: u32,
}

impl Pages for Slot {
    #[inline(always)]
    fn page(&self, number: u32) -> Option<&Page> {
        // The mask keeps the generations apart whatever an entry says.
        self.maps.get_value(self.slot * MAX_PAGES + number % MAX_PAGES, &0)
    }
}

/// Action of a class; `None` when the class table does not have it.
#[inline(always)]
pub(crate) fn action(class: u32) -> Option<Action> {
    CLASSES.get(class).and_then(|&value| Action::from_value(value))
}
