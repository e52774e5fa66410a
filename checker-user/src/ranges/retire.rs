//! Frees a generation's tries slowly.
//!
//! The kernel frees a trie in one go, in a worker, and starts from the root for every node (`trie_free`,
//! `kernel/bpf/lpm_trie.c`): a million ranges hold a core for a second or more, while its packets wait. So the ranges
//! are deleted in batches before the trie is let go; between two elements of a batch the kernel may run others
//! (`generic_map_delete_batch`, `kernel/bpf/syscall.c`). And slowly, because what is deleted is not free yet: it is
//! gathered until a grace period ends, then freed in one go again (`free_all`, `kernel/bpf/memalloc.c`).

use std::{os::fd::AsFd as _, thread, time::Duration};

use aya::{Pod, maps::IterableMap as _};

use super::{batch, fill::Filled};

/// Elements of a batch.
const BATCH: usize = 128;

/// Pause after each: a million ranges are gone in forty seconds, and a grace period gathers a few thousand.
const PAUSE: Duration = Duration::from_millis(5);

/// Fewer ranges than this the kernel frees in a few milliseconds.
const AT_ONCE: usize = 4096;

/// Frees both tries beside whatever else goes on. No packet may read them any more.
pub(super) fn retire(v4: Filled<[u8; 4]>, v6: Filled<[u8; 16]>) {
    if v4.keys.len() + v6.keys.len() <= AT_ONCE {
        return;
    }
    let empty_both = move || {
        empty(&v4);
        empty(&v6);
    };
    // Without a thread the closure is dropped, and the kernel frees the tries in its own way.
    if let Err(error) = thread::Builder::new().name("retire".to_owned()).spawn(empty_both) {
        tracing::warn!("the last generation is freed in one go: {error}");
    }
}

fn empty<K: Pod>(filled: &Filled<K>) {
    for keys in filled.keys.chunks(BATCH) {
        let done = batch::delete(filled.trie.map().fd().as_fd(), keys);
        if let Some(error) = done.error {
            tracing::debug!("the rest of the last generation is left to the kernel: {error}");
            return;
        }
        thread::sleep(PAUSE);
    }
}
