//! What became of the packets whose alerts a sink was given. Everything is counted in packets: an alert that stands for
//! several adds one to `written` and the others to `aggregated`.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use checker_common::abi::CLASS_COUNT;

use crate::{
    alerts::{alert::Alert, event::Event},
    control::account::{SinkLost, SinkRow},
};

/// What became of the packets of one class.
#[derive(Debug, Default)]
pub struct SinkCount {
    /// Alerts that were written: one packet each.
    pub written: AtomicU64,
    /// The other packets of the alerts that were written.
    pub aggregated: AtomicU64,
    /// The queue was full.
    pub too_slow: AtomicU64,
    /// The write failed, or the queue was full because writing fails.
    pub failed: AtomicU64,
}

/// How a packet can be lost at a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    TooSlow,
    Failed,
}

/// The counts of one sink, and how it is.
#[derive(Debug)]
pub struct Tally {
    name: String,
    classes: Box<[SinkCount]>,
    /// Packets of all alerts that the sink was given.
    given: AtomicU64,
    /// Packets of those that wait on disk.
    spooled: AtomicU64,
    /// Why it does not work at present: a spool has two ends that can fail.
    ailments: Mutex<Vec<String>>,
}

impl Tally {
    pub(super) fn new(name: String) -> Self {
        let classes = (0..CLASS_COUNT).map(|_| SinkCount::default()).collect();
        Self {
            name,
            classes,
            given: AtomicU64::new(0),
            spooled: AtomicU64::new(0),
            ailments: Mutex::default(),
        }
    }

    /// What the user calls the sink; safe to show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The counts of one class.
    #[must_use]
    pub fn class(&self, class: u32) -> Option<&SinkCount> {
        self.classes.get(class as usize)
    }

    /// Of one class: written, aggregated, lost to slowness, lost to a failure.
    #[must_use]
    pub fn counts(&self, class: u32) -> [u64; 4] {
        let counts = |count: &SinkCount| {
            [&count.written, &count.aggregated, &count.too_slow, &count.failed].map(|n| n.load(Relaxed))
        };
        self.class(class).map_or([0; 4], counts)
    }

    /// Goes on with what a daemon before counted, as [`counts`](Self::counts) gave it.
    pub fn carry(&self, class: u32, counts: [u64; 4]) {
        let Some(count) = self.class(class) else { return };
        let counters = [&count.written, &count.aggregated, &count.too_slow, &count.failed];
        for (counter, before) in counters.into_iter().zip(counts) {
            counter.fetch_add(before, Relaxed);
            self.given.fetch_add(before, Relaxed);
        }
    }

    /// All classes together.
    #[must_use]
    pub fn row(&self) -> SinkRow {
        // What is at the end of the path is read first: `queued` is then never too small.
        let sum = |counter: fn(&SinkCount) -> &AtomicU64| -> u64 {
            self.classes.iter().map(|count| counter(count).load(Relaxed)).sum()
        };
        let (written, aggregated) = (sum(|count| &count.written), sum(|count| &count.aggregated));
        let lost = SinkLost { too_slow: sum(|count| &count.too_slow), failed: sum(|count| &count.failed) };
        let spooled = self.spooled.load(Relaxed);
        let done = written + aggregated + lost.total() + spooled;
        let given = self.given.load(Relaxed);
        SinkRow {
            name: self.name.clone(),
            given,
            written,
            aggregated,
            lost,
            queued: given.saturating_sub(done),
            spooled,
            failing: Some(self.ailments().join("; ")).filter(|reasons| !reasons.is_empty()),
        }
    }

    pub(super) fn give(&self, event: &Event) {
        self.given.fetch_add(packets(event), Relaxed);
    }

    pub(super) fn write(&self, event: &Event) {
        let Some((alert, count)) = self.of(event) else { return };
        count.written.fetch_add(1, Relaxed);
        count.aggregated.fetch_add(alert.checker.count.saturating_sub(1), Relaxed);
    }

    /// It is on disk, and will be written later.
    pub(super) fn spool(&self, event: &Event) {
        self.spooled.fetch_add(packets(event), Relaxed);
    }

    /// It is not on disk any more: written, or lost.
    pub(super) fn unspool(&self, class: u32, packets: u64, lost: Option<Cause>) {
        let Some(count) = self.class(class) else { return };
        self.spooled.fetch_sub(packets, Relaxed);
        match lost {
            None => {
                count.written.fetch_add(1, Relaxed);
                count.aggregated.fetch_add(packets.saturating_sub(1), Relaxed);
            }
            Some(Cause::TooSlow) => drop(count.too_slow.fetch_add(packets, Relaxed)),
            Some(Cause::Failed) => drop(count.failed.fetch_add(packets, Relaxed)),
        }
    }

    /// Counts what is lost with `event`, and gives how many packets that are.
    pub(super) fn lose(&self, event: &Event, cause: Cause) -> u64 {
        let Some((alert, count)) = self.of(event) else { return 0 };
        let counter = match cause {
            Cause::TooSlow => &count.too_slow,
            Cause::Failed => &count.failed,
        };
        let packets = alert.checker.count.max(1);
        counter.fetch_add(packets, Relaxed);
        packets
    }

    /// Whom a queue that is full is to be blamed on.
    pub(super) fn cause_of_full_queue(&self) -> Cause {
        if self.ailments().is_empty() { Cause::TooSlow } else { Cause::Failed }
    }

    pub(super) fn falls_ill(&self, ailment: &str) {
        self.ailments().push(ailment.to_owned());
    }

    pub(super) fn recovers(&self, ailment: &str) {
        self.ailments().retain(|other| other != ailment);
    }

    fn ailments(&self) -> MutexGuard<'_, Vec<String>> {
        self.ailments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of<'a>(&self, event: &'a Event) -> Option<(&'a Alert, &SinkCount)> {
        let Event::Alert(alert) = event else { return None };
        Some((alert, self.class(alert.alert.signature_id)?))
    }
}

fn packets(event: &Event) -> u64 {
    if let Event::Alert(alert) = event { alert.checker.count.max(1) } else { 0 }
}
