//! What was told: the daemon's part of the account, and of each flow how much of it.

use checker_common::flow::FlowKey;
use serde::{Deserialize, Serialize};

use super::Estate;
use crate::{
    alerts::{event::Place, moment::Moment, write::sink::tally::Tally},
    daemon::{alerts::Alerts, commands::Commands, flows::ToldFlow, ledger::Ledger},
    datapath::counters::Counters,
    ranges::classes::Classes,
};

const NAME: &str = "books";

/// A number: how often the canary was found, written at once after each look.
const LOOKS: &str = "looks";

/// The bytes of a [`FlowKey`].
const KEY: usize = size_of::<FlowKey>();

/// The file `books`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Books {
    /// When they were written.
    pub saved: Moment,
    /// Packets that the kernel had seen by then.
    pub seen: u64,
    /// Looks that found the canary: packets that nobody sent.
    found: u64,
    malformed: u64,
    classes: Vec<Book>,
    flows: Vec<Entry>,
}

/// Of one class, in packets.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Book {
    class: u32,
    /// By the kernel's count.
    matched: u64,
    /// What became of them at standard output.
    sink: [u64; 4],
    taken: u64,
    alone: u64,
    suppressed: u64,
    evicted: u64,
    /// Losses that the stream tells of.
    told: Vec<(Place, u64)>,
}

/// Of one flow.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// Hexadecimal.
    key: String,
    began: u64,
    packets: u64,
    bytes: u64,
}

impl Books {
    /// As they are now. What waits at standard output for being written counts as lost to a reader that is too slow: if
    /// the daemon were killed now, nobody would know whether it was.
    pub(in crate::daemon) fn close(commands: &Commands, alerts: &Alerts) -> anyhow::Result<Self> {
        let Commands { counters, ledger, sinks, records, .. } = commands;
        let mut classes = Vec::new();
        for (class, _) in records.lock().classes.iter() {
            let [written, aggregated, too_slow, failed] =
                sinks.first().map_or([0; 4], |sink| sink.counts(class));
            let (taken, alone, suppressed) =
                (ledger.taken(class), ledger.alone(class), ledger.suppressed(class));
            let given = (taken + alone).saturating_sub(suppressed);
            let queued = given.saturating_sub(written + aggregated + too_slow + failed);
            classes.push(Book {
                class,
                matched: counters.account(class)?.matched,
                sink: [written, aggregated, too_slow + queued, failed],
                taken,
                alone,
                suppressed,
                evicted: ledger.evicted(class),
                told: alerts.told_of(class),
            });
        }
        Ok(Self {
            saved: Moment(jiff::Timestamp::now()),
            seen: counters.outcomes()?.iter().sum(),
            found: counters.found(),
            malformed: commands.malformed.load(std::sync::atomic::Ordering::Relaxed),
            classes,
            flows: alerts.flows.told().map(Entry::from).collect(),
        })
    }

    /// Reads them. There are none where a daemon was killed before it told of anything: then they are those of one that
    /// knew `classes` and told of nothing.
    #[must_use]
    pub fn read(estate: &Estate, classes: &Classes) -> Self {
        let empty = || {
            let saved = Moment(jiff::Timestamp::now());
            let classes = classes.iter().map(|(class, _)| Book { class, ..Book::default() }).collect();
            Self { saved, seen: 0, found: 0, malformed: 0, classes, flows: Vec::new() }
        };
        let mut books: Self = estate.read(NAME).unwrap_or_else(|_| empty());
        books.found = estate.read(LOOKS).map_or(books.found, |found| books.found.max(found));
        books
    }

    /// Writes them.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub fn write(&self, estate: &Estate) -> anyhow::Result<()> {
        estate.write(NAME, self)
    }

    /// Goes on with the looks for the canary, before there are new ones.
    pub(in crate::daemon) fn carry_looks(&self, counters: &Counters) {
        counters.carry(self.found);
    }

    /// Goes on with the counts; gives the records that were not understood.
    pub(in crate::daemon) fn open(&self, ledger: &Ledger, stdout: Option<&Tally>) -> u64 {
        for book in &self.classes {
            ledger.take(book.class, book.taken);
            ledger.stand_alone(book.class, book.alone);
            ledger.suppress(book.class, book.suppressed);
            ledger.evict(book.class, book.evicted);
            if let Some(stdout) = stdout {
                stdout.carry(book.class, book.sink);
            }
        }
        self.malformed
    }

    /// Goes on with what was told of flows and losses.
    pub(in crate::daemon) fn remember(&self, alerts: &mut Alerts) {
        for entry in &self.flows {
            if let Some((key, flow)) = entry.flow() {
                alerts.flows.remember(key, flow);
            }
        }
        for book in &self.classes {
            alerts.remember(book.class, &book.told);
        }
    }

    /// Packets that matched since, by the kernel's count.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub fn matched_since(&self, counters: &Counters) -> anyhow::Result<u64> {
        let mut matched = 0;
        for book in &self.classes {
            matched += counters.account(book.class)?.matched.saturating_sub(book.matched);
        }
        Ok(matched)
    }
}

/// Writes how often the canary was found: each time is a packet that nobody sent, but that the kernel counted.
pub(in crate::daemon) fn keep_looks(estate: &Estate, counters: &Counters) {
    if let Err(error) = estate.write(LOOKS, &counters.found()) {
        tracing::warn!("the next daemon will not know how often the canary was looked for: {error:#}");
    }
}

impl From<(&FlowKey, ToldFlow)> for Entry {
    fn from((key, ToldFlow { began, packets, bytes }): (&FlowKey, ToldFlow)) -> Self {
        // SAFETY: a key is bytes without padding, of this length.
        let bytes_of_key = unsafe { std::mem::transmute::<FlowKey, [u8; KEY]>(*key) };
        let key = bytes_of_key.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key, began, packets, bytes }
    }
}

impl Entry {
    fn flow(&self) -> Option<(FlowKey, ToldFlow)> {
        let Self { key, began, packets, bytes } = self;
        let mut bytes_of_key = [0; KEY];
        for (place, byte) in bytes_of_key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(key.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        // SAFETY: any bytes are a valid key (it is an `aya::Pod`).
        let key = unsafe { std::mem::transmute::<[u8; KEY], FlowKey>(bytes_of_key) };
        Some((key, ToldFlow { began: *began, packets: *packets, bytes: *bytes }))
    }
}
