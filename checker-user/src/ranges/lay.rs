//! Index → pages in the kernel, and pages → a generation's place in the outer map.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    os::fd::{AsFd as _, AsRawFd as _, OwnedFd},
};

use anyhow::{Context as _, ensure};
use aya::maps::{Array, IterableMap as _, Map, MapData, of_maps::ArrayOfMaps};
use checker_common::{
    abi::INDEX_PAGE_FLAGS,
    index::{MAX_PAGES, PAGE_WORDS, Page},
};

use super::{batch, index::Index, memory};

type PageMap = Array<MapData, Page>;

/// Pages in the kernel that no packet reads yet, and a hash of what was written into each.
#[derive(Default)]
pub(super) struct Pages(Vec<(PageMap, u64)>);

/// The outer map of one family: [`MAX_PAGES`] places for each slot.
pub struct Places {
    map: ArrayOfMaps<MapData, PageMap>,
    descriptor: OwnedFd,
    /// What stands in places that no packet reads: the kernel cannot empty many of them in one call.
    nothing: PageMap,
}

/// Makes a map for each page and writes the page into it.
pub(super) fn write(index: &Index) -> anyhow::Result<Pages> {
    let page = |content: &Page| {
        let mut map = PageMap::create(1, INDEX_PAGE_FLAGS).context("cannot create a page")?;
        map.set(0, content, 0).context("cannot write a page")?;
        Ok((map, hash(content)))
    };
    index.pages().iter().map(AsRef::as_ref).map(page).collect::<anyhow::Result<_>>().map(Pages)
}

impl Pages {
    /// Bytes of kernel memory that all of them take: one is as large as the other.
    pub(super) fn memory(&self) -> io::Result<u64> {
        let Some((first, _)) = self.0.first() else { return Ok(0) };
        Ok(memory::of_map(first.map().fd().as_fd())? * self.0.len() as u64)
    }

    pub(super) const fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether a page, another one each round, is as it was written; `None` when it cannot be read.
    pub(super) fn is_whole(&self, round: usize) -> Option<bool> {
        let (page, written) = self.0.get(round.checked_rem(self.0.len())?)?;
        Some(hash(&page.get(&0, 0).ok()?) == *written)
    }
}

impl Places {
    /// Takes the outer map.
    ///
    /// # Errors
    ///
    /// When it is another kind of map, or the kernel has no memory for a page.
    pub fn new(map: Map) -> anyhow::Result<Self> {
        let Map::ArrayOfMaps(data) = &map else {
            anyhow::bail!("not an array of maps: {map:?}");
        };
        let descriptor = data.fd().as_fd().try_clone_to_owned()?;
        let nothing = PageMap::create(1, INDEX_PAGE_FLAGS).context("cannot create a page")?;
        Ok(Self { map: map.try_into()?, descriptor, nothing })
    }

    /// Puts the pages into a slot.
    pub(super) fn put(&mut self, slot: u32, pages: &Pages) -> anyhow::Result<()> {
        set(&mut self.map, &self.descriptor, slot, &pages.0.iter().map(|(page, _)| page).collect::<Vec<_>>())
    }

    /// Lets go of the first `count` pages of a slot that no packet reads.
    pub(super) fn clear(&mut self, slot: u32, count: usize) -> anyhow::Result<()> {
        set(&mut self.map, &self.descriptor, slot, &vec![&self.nothing; count])
    }
}

fn hash(page: &Page) -> u64 {
    let mut hasher = DefaultHasher::new();
    page.hash(&mut hasher);
    hasher.finish()
}

/// In one call: each call waits for the programs that run (`maybe_wait_bpf_programs`, `kernel/bpf/syscall.c`).
fn set(
    map: &mut ArrayOfMaps<MapData, PageMap>,
    descriptor: &OwnedFd,
    slot: u32,
    pages: &[&PageMap],
) -> anyhow::Result<()> {
    ensure!(pages.len() <= MAX_PAGES as usize, "{} pages are too many", pages.len());
    if pages.is_empty() {
        return Ok(());
    }
    let places: Vec<u32> = (slot * MAX_PAGES..).take(pages.len()).collect();
    let descriptors: Vec<i32> = pages.iter().map(|page| page.map().fd().as_fd().as_raw_fd()).collect();
    let done = batch::update(descriptor.as_fd(), &places, &descriptors);
    let Some(error) = done.error else {
        return Ok(());
    };
    // Linux before 5.19 has no batches for maps of maps.
    ensure!(is_unknown(&error), "cannot place the pages: {error}");
    for (place, page) in places.into_iter().zip(pages) {
        map.set(place, page, 0).context("cannot place a page")?;
    }
    Ok(())
}

/// `ENOTSUPP` (524), which `bpf(2)` returns for a map without batches, is no error of user space.
fn is_unknown(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EOPNOTSUPP | 524))
}

const _: () = assert!(PAGE_WORDS * 8 <= 4 << 20, "KMALLOC_MAX_SIZE was the largest value before Linux 6.0");
