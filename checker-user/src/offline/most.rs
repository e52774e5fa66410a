//! Restricted addresses, counted: by label, and which there were most of.

use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map::Entry},
    fmt::Write as _,
    net::IpAddr,
};

use crate::ranges::classes::Classes;

/// Most addresses that are counted one by one; it keeps an input of millions of them from filling the memory.
const ADDRESSES: usize = 1 << 18;

/// How many addresses are named.
const TOP: usize = 10;

/// Counts of restricted addresses.
#[derive(Debug, Default)]
pub struct Most {
    by_class: Vec<u64>,
    by_address: HashMap<IpAddr, (u32, u64)>,
    uncounted: bool,
}

impl Most {
    /// Counts an address of a class so many times more.
    pub fn add(&mut self, addr: IpAddr, class: u32, count: u64) {
        let at = class as usize;
        if at >= self.by_class.len() {
            self.by_class.resize(at + 1, 0);
        }
        self.by_class[at] += count;
        let room = self.by_address.len() < ADDRESSES;
        match self.by_address.entry(addr) {
            Entry::Occupied(mut known) => known.get_mut().1 += count,
            Entry::Vacant(new) if room => {
                new.insert((class, count));
            }
            Entry::Vacant(_) => self.uncounted = true,
        }
    }

    /// All of them, each as often as it was counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_class.iter().sum()
    }

    /// Adds a line for each label, and one for each of the addresses that there were most of.
    pub fn tell(&self, classes: &Classes, text: &mut String) {
        let label = |class| classes.get(class).map(|class| class.label.to_string()).unwrap_or_default();
        for (class, count) in (0..).zip(&self.by_class).filter(|(_, count)| **count > 0) {
            let _infallible = writeln!(text, "  {}: {count}", label(class));
        }
        let mut all: Vec<_> =
            self.by_address.iter().map(|(addr, (class, count))| (*count, *addr, *class)).collect();
        all.sort_by_key(|(count, addr, _)| (Reverse(*count), *addr));
        if !all.is_empty() {
            let of = if self.uncounted { " of the first to appear" } else { "" };
            let _infallible = writeln!(text, "  most often{of}:");
        }
        let width = all.first().map_or(0, |(count, ..)| count.to_string().len());
        for (count, addr, class) in all.into_iter().take(TOP) {
            let _infallible = writeln!(text, "    {count:>width$}  {addr}  {}", label(class));
        }
    }
}
