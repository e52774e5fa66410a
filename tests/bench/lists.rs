//! Generated lists: clustered and nested like a routing table, or scattered at random. The same on every machine.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// splitmix64: small, and good enough to scatter.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) const fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) const fn wide(&mut self) -> u128 {
        (self.next() as u128) << 64 | self.next() as u128
    }
}

/// A prefix by its network, first bit at the top, and its length.
type Prefix = (u128, u8);

/// Regions of the address space that registries give away from, and the length of a block.
const REGIONS_V6: [(u128, u8); 6] =
    [(0x2001, 16), (0x2400, 12), (0x2600, 12), (0x2800, 12), (0x2a00, 12), (0x2c00, 12)];

/// Like a routing table: blocks stand in some regions, and each is announced whole, in parts, in parts of parts.
pub(crate) fn clustered(v6: bool, count: usize, seed: u64) -> String {
    let mut random = Random(seed);
    let mut prefixes = BTreeSet::new();
    while prefixes.len() < count {
        let (block, length, longest) = if v6 {
            let (region, bits) = REGIONS_V6[random.below(6) as usize];
            let slot = u128::from(random.below(1 << (29 - bits)));
            (region << 112 | slot << 99, 29 + random.below(4) as u8, 48)
        } else {
            // Not every /8 is in use, and those that are not evenly.
            let first = 1 + (random.below(200) * random.below(200) / 200) as u128;
            (first << 120 | u128::from(random.below(256)) << 112, 16 + random.below(4) as u8, 24)
        };
        let block = masked(block, length);
        if random.below(2) == 0 {
            prefixes.insert((block, length));
        }
        // A run of neighbours of one length, with gaps.
        for _ in 0..=random.below(3) {
            let step = length + 2 + random.below(u64::from(longest - length - 1)) as u8;
            let step = if random.below(2) == 0 { longest } else { step.min(longest) };
            let slots = 1_u64 << (step - length).min(20);
            let start = random.below(slots);
            for at in start..(start + random.below(24)).min(slots) {
                if random.below(8) != 0 {
                    prefixes.insert((block | u128::from(at) << (128 - step), step));
                }
            }
        }
    }
    text(v6, prefixes.into_iter().take(count))
}

/// The worst case: no prefix knows of another.
pub(crate) fn scattered(v6: bool, count: usize, seed: u64) -> String {
    let mut random = Random(seed);
    let mut prefixes = BTreeSet::new();
    while prefixes.len() < count {
        let length =
            if v6 { 32 + random.below(33) as u8 } else { 24 - (random.below(9) * random.below(9) / 9) as u8 };
        let bits = if v6 { random.wide() >> 3 | 1 << 125 } else { random.wide() };
        prefixes.insert((masked(bits, length), length));
    }
    text(v6, prefixes.into_iter())
}

const fn masked(bits: u128, length: u8) -> u128 {
    if length == 0 { 0 } else { bits & u128::MAX << (128 - length) }
}

fn text(v6: bool, prefixes: impl Iterator<Item = Prefix>) -> String {
    let mut text = String::new();
    for (bits, length) in prefixes {
        let address = if v6 {
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        } else {
            IpAddr::V4(Ipv4Addr::from_bits((bits >> 96) as u32))
        };
        // Writing to a String does not fail.
        let _ = writeln!(text, "{address}/{length}");
    }
    text
}
