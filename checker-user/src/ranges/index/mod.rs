//! Table → index: the pages that answer nearly every address before a trie is asked. What the bytes mean, and why,
//! stands with the walk that reads them, [`checker_common::index`].

mod paint;
mod store;
#[cfg(test)]
mod tests;

use checker_common::index::{Answer, MAX_PAGES, Page, Pages, find};

use super::compile::Table;

/// The index of one family.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pages: Vec<Box<Page>>,
}

/// Builds the index of a table.
#[must_use]
pub fn index(table: &Table) -> Index {
    index_within(table, MAX_PAGES)
}

fn index_within(table: &Table, most: u32) -> Index {
    if table.is_empty() {
        return Index::default();
    }
    Index { pages: paint::paint(table.ranges(), most) }
}

impl Index {
    /// Its pages in order; none for an empty table.
    #[must_use]
    pub fn pages(&self) -> &[Box<Page>] {
        &self.pages
    }

    /// Bytes of kernel memory that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.pages.len() * size_of::<Page>()
    }

    /// What the kernel program would be told.
    #[must_use]
    pub fn find<const BYTES: usize>(&self, address: [u8; BYTES]) -> Answer {
        find(self, address)
    }
}

impl Pages for Index {
    fn page(&self, number: u32) -> Option<&Page> {
        self.pages.get(number as usize).map(Box::as_ref)
    }
}
