//! Alerts added up.

use crate::alerts::{line::Line, moment::Moment};

/// Alerts, what they stand for, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Alerts.
    pub alerts: u64,
    /// Packets that they stand for.
    pub packets: u64,
    /// Bytes of these packets; logs do not say how many.
    pub bytes: u64,
    /// The first of them.
    pub first: Option<Moment>,
    /// The last of them.
    pub last: Option<Moment>,
}

impl Sum {
    /// One alert.
    pub(super) fn of(line: &Line<'_>) -> Self {
        let details = line.checker.as_ref();
        Self {
            alerts: 1,
            packets: details.and_then(|details| details.count).unwrap_or(1),
            bytes: details.and_then(|details| details.bytes).unwrap_or(0),
            first: details.and_then(|details| details.first_seen).or(Some(line.timestamp)),
            last: details.and_then(|details| details.last_seen).or(Some(line.timestamp)),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.alerts += other.alerts;
        // Numbers of a log are anybody's.
        self.packets = self.packets.saturating_add(other.packets);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.max(other.last);
    }
}
