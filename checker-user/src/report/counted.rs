//! Alerts by some name, with a bound on how many names are kept apart: a log of millions of sources must not fill the
//! memory. What is beyond it is counted together, and said.

use std::{cmp::Reverse, collections::HashMap};

use super::sum::Sum;

/// Longest name that is kept, in bytes.
const LONGEST: usize = 256;

/// Sums by name, each with something that is known of it.
#[derive(Debug)]
pub struct Counted<V> {
    most: usize,
    by_name: HashMap<Box<str>, (V, Sum)>,
    /// Of the names for which there was no room.
    pub beyond: Sum,
}

/// One name.
#[derive(Debug)]
pub struct Entry<'a, V> {
    /// The name.
    pub name: &'a str,
    /// What is known of it.
    pub about: &'a V,
    /// Its alerts.
    pub sum: &'a Sum,
}

impl<V> Counted<V> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, by_name: HashMap::new(), beyond: Sum::default() }
    }

    pub(super) fn add(&mut self, name: &str, sum: &Sum, about: impl FnOnce() -> V) {
        let name = short(name);
        if let Some((_, known)) = self.by_name.get_mut(name) {
            known.add(sum);
        } else if self.by_name.len() < self.most {
            self.by_name.insert(name.into(), (about(), *sum));
        } else {
            self.beyond.add(sum);
        }
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Those with the most packets first.
    #[must_use]
    pub fn sorted(&self) -> Vec<Entry<'_, V>> {
        let mut all: Vec<_> =
            self.by_name.iter().map(|(name, (about, sum))| Entry { name, about, sum }).collect();
        all.sort_by_key(|entry| (Reverse(entry.sum.packets), entry.name));
        all
    }
}

/// As much of a text as is kept.
pub(super) fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_bound_is_counted_all_the_same() {
        let mut counted = Counted::new(2);
        let one = Sum { alerts: 1, packets: 2, ..Sum::default() };
        for name in ["a", "b", "c", "b", "d"] {
            counted.add(name, &one, || ());
        }
        let names: Vec<_> = counted.sorted().iter().map(|entry| (entry.name, entry.sum.packets)).collect();
        assert_eq!(names, [("b", 4), ("a", 2)]);
        assert_eq!((counted.beyond.alerts, counted.beyond.packets), (2, 4));
    }

    #[test]
    fn a_name_has_a_bound_too() {
        let mut counted = Counted::new(2);
        counted.add(&"ü".repeat(1000), &Sum::default(), || ());
        assert_eq!(counted.sorted()[0].name.len(), LONGEST);
    }
}
