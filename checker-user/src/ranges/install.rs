//! Compiled tables → the kernel's tries and indexes, then the switch.
//!
//! A new trie and a new index per family are built beside the old ones, in no packet's way. The tries are counted and
//! sampled. Then all goes into the slot that no packet reads, and one write of `ACTIVE` makes it the generation that
//! packets are judged by. A packet reads `ACTIVE` once, so it sees one generation or the other, never half of one.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr},
    os::fd::AsFd as _,
    thread,
};

use anyhow::{Context as _, anyhow};
use aya::maps::{Array, IterableMap as _, MapData, of_maps::ArrayOfMaps};
use checker_common::{
    abi::{self, slot},
    index::MAX_PAGES,
};

use super::{
    canary::Canary,
    classes::Classes,
    compile::Compiled,
    fill::{Filled, NO_PREALLOC, Trie, fill},
    generation::Generation,
    index::index,
    lay::{self, Pages, Places},
    memory::{self, Memory},
    retire::retire,
    tampered::{self, Tampered},
};

type Slots<K> = ArrayOfMaps<MapData, Trie<K>>;

/// The maps that a generation goes into.
pub struct Installer {
    index_v4: Places,
    index_v6: Places,
    v4: Slots<[u8; 4]>,
    v6: Slots<[u8; 16]>,
    classes: Array<MapData, u32>,
    active: Array<MapData, u64>,
    /// What packets are judged by, kept to be freed.
    current: Option<Prepared>,
    /// What they were judged by before the last switch, until it is freed.
    former: Option<Prepared>,
    /// They are judged by what another daemon installed, of which nothing is known.
    adopted: bool,
}

/// Tries and indexes that are filled but that no packet reads yet.
pub struct Prepared {
    v4: Filled<[u8; 4]>,
    v6: Filled<[u8; 16]>,
    index_v4: Pages,
    index_v6: Pages,
    canary: Canary,
}

/// Builds and checks the tries and indexes of a compiled set. Touches no map that packets read.
///
/// # Errors
///
/// What the kernel refused, or a sample that a finished trie answers wrongly.
pub fn prepare(compiled: &Compiled) -> anyhow::Result<Prepared> {
    let canary = Canary::beside(compiled);
    let (table_v4, table_v6) = canary.join(compiled);
    // The kernel takes longest, and one trie at a time: the indexes are built meanwhile.
    thread::scope(|scope| {
        let indexes = scope.spawn(|| (index(&table_v4), index(&table_v6)));
        let v4 = fill(&table_v4, |key| Ipv4Addr::from((key >> 96) as u32).octets()).context("IPv4 trie")?;
        let v6 = fill(&table_v6, |key| Ipv6Addr::from(key).octets()).context("IPv6 trie")?;
        let (index_v4, index_v6) = indexes.join().map_err(|_| anyhow!("building the indexes failed"))?;
        Ok(Prepared {
            v4,
            v6,
            index_v4: lay::write(&index_v4).context("IPv4 index")?,
            index_v6: lay::write(&index_v6).context("IPv6 index")?,
            canary,
        })
    })
}

impl Installer {
    /// Takes the maps.
    #[must_use]
    pub const fn new(
        index_v4: Places,
        index_v6: Places,
        v4: Slots<[u8; 4]>,
        v6: Slots<[u8; 16]>,
        classes: Array<MapData, u32>,
        active: Array<MapData, u64>,
    ) -> Self {
        Self { index_v4, index_v6, v4, v6, classes, active, current: None, former: None, adopted: false }
    }

    /// The maps hold a generation of another daemon, which the next one takes the place of.
    pub const fn adopt(&mut self) {
        self.adopted = true;
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
        prepared: Prepared,
        generation: &Generation,
        classes: &Classes,
    ) -> anyhow::Result<()> {
        for (id, class) in classes.iter() {
            self.classes.set(id, class.action.value(), 0).context("class table")?;
        }
        let new = slot(generation.number);
        let Self { index_v4, index_v6, v4, v6, .. } = self;
        at_once([
            ("IPv4 index", Box::new(|| index_v4.put(new, &prepared.index_v4))),
            ("IPv6 index", Box::new(|| index_v6.put(new, &prepared.index_v6))),
            ("IPv4 slot", Box::new(|| Ok(v4.set(new, &prepared.v4.trie, 0)?))),
            ("IPv6 slot", Box::new(|| Ok(v6.set(new, &prepared.v6.trie, 0)?))),
        ])?;
        let active = if generation.compiled.lists.is_empty() { 0 } else { generation.number };
        self.active.set(0, active, 0).context("active generation")?;
        self.former = self.current.replace(prepared);
        Ok(())
    }

    /// What the program must find as long as the active generation is active.
    #[must_use]
    pub fn canary(&self) -> Canary {
        self.current.as_ref().map(|current| current.canary).unwrap_or_default()
    }

    /// A map that is not as it was written for the active generation; other samples each round.
    #[must_use]
    pub fn inspect(&self, generation: &Generation, classes: &Classes, round: usize) -> Option<Tampered> {
        let current = self.current.as_ref()?;
        let expected = if generation.compiled.lists.is_empty() { 0 } else { generation.number };
        let pages = |map: &str, pages: &Pages| {
            let whole = pages.is_whole(round).unwrap_or(true);
            (!whole).then(|| Tampered {
                map: map.to_owned(),
                reason: "a page is not as it was written".to_owned(),
            })
        };
        let compiled = &generation.compiled;
        tampered::stamp(&self.active, expected)
            .or_else(|| tampered::actions(&self.classes, classes, round))
            .or_else(|| tampered::ranges_v4(&current.v4.trie, &compiled.v4, round))
            .or_else(|| tampered::ranges_v6(&current.v6.trie, &compiled.v6, round))
            .or_else(|| pages(abi::INDEX_V4, &current.index_v4))
            .or_else(|| pages(abi::INDEX_V6, &current.index_v6))
    }

    /// What the active generation takes.
    ///
    /// # Errors
    ///
    /// When the kernel does not say.
    pub fn memory(&self) -> io::Result<Memory> {
        let Some(Prepared { v4, v6, index_v4, index_v6, .. }) = &self.current else {
            return Ok(Memory::default());
        };
        Ok(Memory {
            index: index_v4.memory()? + index_v6.memory()?,
            tries: memory::of_map(v4.trie.map().fd().as_fd())? + memory::of_map(v6.trie.map().fd().as_fd())?,
        })
    }

    /// After a switch: waits until no packet can still be judged by the generation before, and frees it.
    ///
    /// A packet that read `ACTIVE` just before the switch may still be in the old slot. Setting an element of an
    /// outer map returns only after every program that runs now has ended (`maybe_wait_bpf_programs`,
    /// `kernel/bpf/syscall.c`): so the new slot is set once more, unchanged, and only then the old one is
    /// overwritten.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said; then the old generation only keeps its memory until the next switch.
    pub fn settle(&mut self, generation: &Generation) -> anyhow::Result<()> {
        // Before the first generation there is nothing to free, and no reason to wait for running programs.
        let former = self.former.take();
        let (former, [pages_v4, pages_v6]) = match former {
            Some(former) => {
                let pages = [former.index_v4.count(), former.index_v6.count()];
                (Some(former), pages)
            }
            None if std::mem::take(&mut self.adopted) => (None, [MAX_PAGES as usize; 2]),
            None => return Ok(()),
        };
        let new = slot(generation.number);
        if let Some(current) = &self.current {
            self.v4.set(new, &current.v4.trie, 0).context("IPv4 slot")?;
        }
        let old = abi::SLOTS - 1 - new;
        let empty_v4 = Trie::create(1, NO_PREALLOC).context("empty IPv4 trie")?;
        let empty_v6 = Trie::create(1, NO_PREALLOC).context("empty IPv6 trie")?;
        let Self { index_v4, index_v6, v4, v6, .. } = self;
        at_once([
            ("IPv4 index", Box::new(|| index_v4.clear(old, pages_v4))),
            ("IPv6 index", Box::new(|| index_v6.clear(old, pages_v6))),
            ("IPv4 slot", Box::new(|| Ok(v4.set(old, &empty_v4, 0)?))),
            ("IPv6 slot", Box::new(|| Ok(v6.set(old, &empty_v6, 0)?))),
        ])?;
        // What another daemon installed the kernel frees in one go.
        if let Some(former) = former {
            retire(former.v4, former.v6);
        }
        Ok(())
    }
}

/// What is done to one of the outer maps, and what that is called.
type Write<'a> = (&'static str, Box<dyn FnOnce() -> anyhow::Result<()> + Send + 'a>);

/// Writes to all outer maps at the same time: each write waits for the programs that run, some 10 ms, and all can wait for
/// the same ones.
fn at_once(writes: [Write<'_>; 4]) -> anyhow::Result<()> {
    thread::scope(|scope| {
        // All are started before the first one is waited for.
        let started = writes.map(|(what, write)| (what, scope.spawn(write)));
        let done = started.map(|(what, thread)| {
            let ended = thread.join().unwrap_or_else(|_| Err(anyhow!("the thread that writes died")));
            ended.context(what)
        });
        done.into_iter().collect()
    })
}

const _: () = assert!(abi::SLOTS == 2, "two slots: the new one and the other one");
