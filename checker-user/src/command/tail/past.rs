//! The past events come first, and of them only the last ones may be wanted: they are held back until the last has come.

use std::{collections::VecDeque, mem};

/// Lines on their way to standard output.
#[derive(Debug)]
pub(super) struct Past {
    /// Past events that are still to come.
    expected: usize,
    /// How many of them are wanted; all when `None`.
    most: Option<usize>,
    held: VecDeque<String>,
    /// Events that the daemon has forgotten; `None` when that was said.
    forgotten: Option<u64>,
}

impl Past {
    /// `expected` past events will come, of which the last `most` are wanted.
    pub(super) const fn new(expected: usize, forgotten: u64, most: Option<usize>) -> Self {
        Self { expected, most, held: VecDeque::new(), forgotten: Some(forgotten) }
    }

    /// Whether the next event is a past one.
    pub(super) const fn expected(&self) -> bool {
        self.expected > 0
    }

    /// How many events the daemon has forgotten, if any: once, and only if the first that it keeps has not come yet.
    pub(super) fn gap(&mut self) -> Option<u64> {
        self.forgotten.take().filter(|forgotten| *forgotten > 0 && self.expected > 0)
    }

    /// The next event has come; `None` if it is not wanted.
    pub(super) fn came(&mut self, line: Option<String>) {
        self.forgotten = None;
        self.held.extend(line);
        if self.expected > 0 && self.most.is_some_and(|most| self.held.len() > most) {
            self.held.pop_front();
        }
        self.expected = self.expected.saturating_sub(1);
    }

    /// What can be printed.
    pub(super) fn ready(&mut self) -> VecDeque<String> {
        // Without a bound there is nothing to wait for.
        if self.expected > 0 && self.most.is_some() { VecDeque::new() } else { mem::take(&mut self.held) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(past: &mut Past, lines: &[Option<&str>]) -> Vec<String> {
        let mut all = Vec::new();
        for line in lines {
            past.came(line.map(str::to_owned));
            all.extend(past.ready());
        }
        all
    }

    #[test]
    fn the_last_ones_that_are_wanted_and_then_all_that_come() {
        let mut past = Past::new(5, 0, Some(2));
        assert_eq!(ready(&mut past, &[Some("1"), Some("2"), None, Some("3")]), [""; 0]);
        assert_eq!(ready(&mut past, &[None]), ["2", "3"]);
        assert_eq!(ready(&mut past, &[Some("4"), None, Some("5"), Some("6")]), ["4", "5", "6"]);
    }

    #[test]
    fn none_is_a_number_too() {
        let mut past = Past::new(1, 0, Some(0));
        assert_eq!(ready(&mut past, &[Some("1"), Some("2")]), ["2"]);
        let mut past = Past::new(0, 0, Some(0));
        assert_eq!(ready(&mut past, &[Some("1")]), ["1"]);
    }

    #[test]
    fn without_a_number_nothing_is_held_back() {
        assert_eq!(ready(&mut Past::new(3, 0, None), &[Some("1")]), ["1"]);
    }

    #[test]
    fn what_was_forgotten_is_said_once_and_at_the_first_event_only() {
        let mut past = Past::new(2, 7, None);
        assert_eq!((past.gap(), past.gap()), (Some(7), None));
        let mut past = Past::new(2, 7, None);
        past.came(None);
        assert_eq!(past.gap(), None);
        assert_eq!(Past::new(2, 0, None).gap(), None);
    }
}
