//! Table → trie: filled in batches, counted, sampled.

use std::{io, os::fd::AsFd as _, thread, time::Duration};

use anyhow::{Context as _, bail, ensure};
use aya::{
    Pod,
    maps::{
        IterableMap as _, MapData,
        lpm_trie::{Key, LpmTrie},
    },
};

use super::{batch, compile::Table, merge::Range};

pub(super) type Trie<K> = LpmTrie<MapData, K, u32>;

/// `BPF_F_NO_PREALLOC` of `uapi/linux/bpf.h`; tries are refused without it.
pub(super) const NO_PREALLOC: u32 = 1;

/// Elements of a batch: enough to make the call itself cost nothing.
const BATCH: usize = 4096;

/// So often a batch is tried again that found no memory. The trie takes nodes from a small stock of its CPU, which
/// is filled up behind its back (`bpf_mem_alloc`, `kernel/bpf/memalloc.c`).
const RETRIES: u32 = 8;

/// Every so many-th range is looked up in the finished trie.
const SAMPLES: usize = 64;

/// A trie and what is in it, for whoever empties it again.
pub(super) struct Filled<K: Pod> {
    pub(super) trie: Trie<K>,
    pub(super) keys: Vec<Key<K>>,
}

/// Makes a trie of a table's ranges.
pub(super) fn fill<K: Pod + PartialEq>(table: &Table, octets: fn(u128) -> K) -> anyhow::Result<Filled<K>> {
    let ranges = table.ranges();
    let capacity = u32::try_from(ranges.len().max(1)).context("too many ranges")?;
    let mut trie: Trie<K> = Trie::create(capacity, NO_PREALLOC).context("cannot create it")?;
    let keys: Vec<_> = ranges.iter().map(|range| Key::new(range.len.into(), octets(range.key))).collect();
    let mut loaded = 0;
    for (keys, ranges) in keys.chunks(BATCH).zip(ranges.chunks(BATCH)) {
        loaded += insert(&mut trie, keys, ranges)?;
    }
    ensure!(loaded == ranges.len(), "{loaded} of {} ranges were loaded", ranges.len());
    let step = ranges.len() / SAMPLES + 1;
    for range in ranges.iter().step_by(step) {
        let key = Key::new(8 * size_of::<K>() as u32, octets(range.key));
        let class = trie.get(&key, 0).with_context(|| format!("cannot find {}", range.net()))?;
        let expected = table.lookup(range.key).map(|range| range.class);
        ensure!(Some(class) == expected, "{} was answered with class {class}, not {expected:?}", range.net());
    }
    Ok(Filled { trie, keys })
}

/// Inserts one batch and says how many ranges went in.
fn insert<K: Pod>(trie: &mut Trie<K>, keys: &[Key<K>], ranges: &[Range]) -> anyhow::Result<usize> {
    let classes: Vec<_> = ranges.iter().map(|range| range.class).collect();
    let mut loaded = 0;
    for attempt in 0..=RETRIES {
        let done = batch::update(trie.map().fd().as_fd(), &keys[loaded..], &classes[loaded..]);
        loaded += done.count;
        match done.error {
            None => return Ok(loaded),
            Some(error) if is_no_memory(&error) => thread::sleep(Duration::from_millis(attempt.into())),
            // A kernel that has no batches for tries.
            Some(error) if is_unknown(&error) => break,
            Some(error) => bail!("cannot insert {}: {error}", ranges[loaded].net()),
        }
    }
    for ((key, class), range) in keys.iter().zip(&classes).zip(ranges).skip(loaded) {
        trie.insert(key, class, 0).with_context(|| format!("cannot insert {}", range.net()))?;
        loaded += 1;
    }
    Ok(loaded)
}

fn is_no_memory(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOMEM)
}

/// `ENOTSUPP`, which `bpf(2)` returns for a map without batches, is 524 and no error of user space.
fn is_unknown(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EOPNOTSUPP | 524))
}
