//! What a scan of captures looked at and found, told at the end.

use std::{collections::BTreeMap, fmt::Write as _, net::IpAddr};

use checker_common::outcome::Outcome;

use super::link;
use crate::{offline::most::Most, ranges::classes::Classes};

/// Counts over all captures so far.
#[derive(Debug, Default)]
pub struct Account {
    /// Captures that were read, at least in part.
    pub files: u64,
    /// Their packets.
    pub packets: u64,
    /// Packets by outcome, at its index.
    pub outcomes: [u64; Outcome::COUNT],
    /// Packets by link type, of the types that are not read.
    unread: BTreeMap<u16, u64>,
    /// Restricted addresses that packets were told of for.
    found: Most,
}

impl Account {
    /// Counts a packet.
    #[inline]
    pub(super) const fn judged(&mut self, outcome: Outcome) {
        self.packets += 1;
        self.outcomes[outcome.index() as usize] += 1;
    }

    /// Counts a packet of a link type that is not read.
    pub(super) fn unread(&mut self, link: u16) {
        self.packets += 1;
        *self.unread.entry(link).or_default() += 1;
    }

    /// Counts the restricted address of a packet.
    pub(super) fn found(&mut self, addr: IpAddr, class: u32) {
        self.found.add(addr, class, 1);
    }

    /// Packets with a restricted address.
    #[must_use]
    pub fn restricted(&self) -> u64 {
        [Outcome::Alerted, Outcome::Dropped]
            .map(|outcome| self.outcomes[outcome.index() as usize])
            .iter()
            .sum()
    }

    /// The account as lines.
    #[must_use]
    pub fn text(&self, classes: &Classes) -> String {
        let plural = |count, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let judged = Outcome::ALL.into_iter().filter(|outcome| outcome.judged());
        let judged: u64 = judged.map(|outcome| self.outcomes[outcome.index() as usize]).sum();
        let mut text =
            format!("scanned {}, {}", plural(self.files, "capture"), plural(self.packets, "packet"));
        // Never rounded up to a hundred.
        if let Some(tenths) = (u128::from(judged) * 1000).checked_div(self.packets.into()) {
            let _infallible = write!(text, ": {judged} judged ({}.{} %)", tenths / 10, tenths % 10);
        }
        let _infallible = writeln!(text, ", {} restricted", self.restricted());
        let counted = Outcome::ALL.into_iter().zip(self.outcomes).filter(|(_, packets)| *packets > 0);
        let counted: Vec<_> =
            counted.map(|(outcome, packets)| format!("{} {packets}", outcome.name())).collect();
        if !counted.is_empty() {
            let _infallible = writeln!(text, "  packets: {}", counted.join(", "));
        }
        for (link, packets) in &self.unread {
            let name = link::name(*link).map_or(String::new(), |name| format!(" ({name})"));
            let _infallible = writeln!(text, "  not read: {packets} of link type {link}{name}");
        }
        self.found.tell(classes, &mut text);
        text
    }
}
