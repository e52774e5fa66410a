//! Compiled tables → the kernel's tries, then the switch.
//!
//! A new trie per family is built beside the old one, in no packet's way. It is counted and sampled. Then it goes
//! into the slot that no packet reads, and one write of `ACTIVE` makes it the generation that packets are judged
//! by. A packet reads `ACTIVE` once, so it sees one generation or the other, never half of one.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    thread,
};

use anyhow::{Context as _, anyhow, ensure};
use aya::{
    Pod,
    maps::{
        Array, MapData,
        lpm_trie::{Key, LpmTrie},
        of_maps::ArrayOfMaps,
    },
};
use checker_common::abi::{self, slot};

use super::{
    classes::Classes,
    compile::{Compiled, Table},
    generation::Generation,
};

type Trie<K> = LpmTrie<MapData, K, u32>;
type Slots<K> = ArrayOfMaps<MapData, Trie<K>>;

/// `BPF_F_NO_PREALLOC` of `uapi/linux/bpf.h`; tries are refused without it.
const NO_PREALLOC: u32 = 1;

/// Every so many-th range is looked up in the finished trie.
const SAMPLES: usize = 64;

/// The maps that a generation goes into.
pub struct Installer {
    v4: Slots<[u8; 4]>,
    v6: Slots<[u8; 16]>,
    classes: Array<MapData, u32>,
    active: Array<MapData, u64>,
}

/// Tries that are filled but that no packet reads yet.
#[derive(Debug)]
pub struct Prepared {
    v4: Trie<[u8; 4]>,
    v6: Trie<[u8; 16]>,
}

/// Builds and checks the tries of a compiled set. Touches no map that packets read.
///
/// # Errors
///
/// What the kernel refused, or a sample that a finished trie answers wrongly.
pub fn prepare(compiled: &Compiled) -> anyhow::Result<Prepared> {
    Ok(Prepared {
        v4: fill(&compiled.v4, |key| Ipv4Addr::from((key >> 96) as u32).octets()).context("IPv4 trie")?,
        v6: fill(&compiled.v6, |key| Ipv6Addr::from(key).octets()).context("IPv6 trie")?,
    })
}

impl Installer {
    /// Takes the maps.
    #[must_use]
    pub const fn new(
        v4: Slots<[u8; 4]>,
        v6: Slots<[u8; 16]>,
        classes: Array<MapData, u32>,
        active: Array<MapData, u64>,
    ) -> Self {
        Self { v4, v6, classes, active }
    }

    /// Makes `prepared` the generation that packets are judged by.
    ///
    /// A generation without lists deactivates judging: packets are then counted as `no_list`, not as compliant.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said; the old generation is then still the active one.
    pub fn switch(
        &mut self,
        prepared: &Prepared,
        generation: &Generation,
        classes: &Classes,
    ) -> anyhow::Result<()> {
        for (id, class) in classes.iter() {
            self.classes.set(id, class.action.value(), 0).context("class table")?;
        }
        let new = slot(generation.number);
        self.set(new, &prepared.v4, &prepared.v6)?;
        let active = if generation.compiled.lists.is_empty() { 0 } else { generation.number };
        self.active.set(0, active, 0).context("active generation")?;
        Ok(())
    }

    /// After a switch: waits until no packet can still be judged by the generation before, and frees it.
    ///
    /// A packet that read `ACTIVE` just before the switch may still be in the old slot. Setting an element of an
    /// outer map returns only after every program that runs now has ended (`maybe_wait_bpf_programs`,
    /// `kernel/bpf/syscall.c`): so the new slot is set once more, unchanged, and only then the old one is
    /// overwritten with an empty trie. The kernel frees the old trie in a worker of its own.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said; then the old generation only keeps its memory until the next switch.
    pub fn settle(&mut self, prepared: &Prepared, generation: &Generation) -> anyhow::Result<()> {
        let new = slot(generation.number);
        self.v4.set(new, &prepared.v4, 0).context("IPv4 slot")?;
        let old = abi::SLOTS - 1 - new;
        let empty_v4 = Trie::create(1, NO_PREALLOC).context("empty IPv4 trie")?;
        let empty_v6 = Trie::create(1, NO_PREALLOC).context("empty IPv6 trie")?;
        self.set(old, &empty_v4, &empty_v6)
    }

    /// Sets a slot of both families at the same time: each write waits for the programs that run, some 10 ms.
    fn set(&mut self, slot: u32, v4: &Trie<[u8; 4]>, v6: &Trie<[u8; 16]>) -> anyhow::Result<()> {
        let slots = &mut self.v6;
        let (done_v4, done_v6) = thread::scope(|scope| {
            let v6 = scope.spawn(|| slots.set(slot, v6, 0));
            (self.v4.set(slot, v4, 0), v6.join())
        });
        done_v4.context("IPv4 slot")?;
        done_v6.map_err(|_| anyhow!("the thread that writes the IPv6 slot died"))?.context("IPv6 slot")
    }
}

fn fill<K: Pod>(table: &Table, octets: fn(u128) -> K) -> anyhow::Result<Trie<K>> {
    let ranges = table.ranges();
    let capacity = u32::try_from(ranges.len().max(1)).context("too many ranges")?;
    let mut trie = Trie::create(capacity, NO_PREALLOC).context("cannot create it")?;
    for range in ranges {
        let key = Key::new(u32::from(range.len), octets(range.key));
        trie.insert(&key, range.class, 0).with_context(|| format!("cannot insert {}", range.net()))?;
    }
    let step = ranges.len() / SAMPLES + 1;
    for range in ranges.iter().step_by(step) {
        let key = Key::new(8 * size_of::<K>() as u32, octets(range.key));
        let class = trie.get(&key, 0).with_context(|| format!("cannot find {}", range.net()))?;
        let expected = table.lookup(range.key).map(|range| range.class);
        ensure!(Some(class) == expected, "{} was answered with class {class}, not {expected:?}", range.net());
    }
    Ok(trie)
}

const _: () = assert!(abi::SLOTS == 2, "two slots: the new one and the other one");
