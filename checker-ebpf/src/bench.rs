//! The steps of the path that the bench measures alone.

use checker_common::packet::Address;

use crate::lookup;

/// The verdict path: active generation, index, trie where the index asks for it. 0 is no match.
#[inline(always)]
pub fn verdict(address: &Address) -> u32 {
    lookup::active_generation()
        .and_then(|generation| lookup::longest_match(generation, address))
        .unwrap_or_default()
}

/// What the trie alone says. 0 is no match.
#[inline(always)]
pub fn in_trie(slot: u32, address: &Address) -> u32 {
    lookup::in_trie(slot, address).unwrap_or_default()
}
