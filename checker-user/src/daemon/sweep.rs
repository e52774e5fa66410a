//! Goes through the kernel's flow table while there is anything in it, and tells what is new. A part at a time, so that
//! the ring is read meanwhile; without flows it sleeps.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Acquire},
    },
    time::Duration,
};

use checker_common::flow::{FlowKey, FlowValue};
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::alerts::Alerts;
use crate::{
    alerts::describe::Clock,
    datapath::flows::{Chunk, FlowTable},
};

/// How often, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From the beginning of a sweep to that of the next.
    pub every: Duration,
    /// A flow without packets for so long has ended; its next packet alerts at once.
    pub idle: Duration,
}

/// The sweeper.
pub(super) struct Sweep {
    table: Arc<FlowTable>,
    pace: Pace,
    /// The generation that the kernel judges by, once no packet can use an older one.
    settled: Arc<AtomicU64>,
    state: State,
}

enum State {
    /// Nothing is in the table.
    Asleep,
    Due(Instant),
    Under(Box<Under>),
}

/// A sweep that is going on.
struct Under {
    began: Instant,
    chunk: Chunk,
    /// Flows that stay.
    live: usize,
    /// What the kernel had counted before.
    before: Snapshot,
    /// No packet can be judged by an older generation.
    settled: u64,
}

/// What the kernel had counted at one time.
#[derive(Default)]
pub(super) struct Snapshot {
    /// Packets by class.
    pub(super) matched: Vec<(u32, u64)>,
    /// Records that had gone into the ring.
    pub(super) emitted: u64,
}

impl Sweep {
    pub(super) fn new(table: Arc<FlowTable>, pace: Pace, settled: Arc<AtomicU64>) -> Self {
        Self { table, pace, settled, state: State::Asleep }
    }

    /// There may be something in the table.
    pub(super) fn wake(&mut self) {
        if matches!(self.state, State::Asleep) {
            self.state = State::Due(Instant::now() + self.pace.every);
        }
    }

    /// Waits until there is something to do. Cancel safe: nothing is done here.
    pub(super) async fn due(&self) {
        match &self.state {
            State::Asleep => std::future::pending().await,
            State::Due(when) => sleep_until(*when).await,
            State::Under(_) => tokio::task::yield_now().await,
        }
    }

    /// One part of the work.
    pub(super) fn step(&mut self, alerts: &mut Alerts) {
        let state = std::mem::replace(&mut self.state, State::Asleep);
        let mut under = match state {
            State::Under(under) => under,
            State::Due(_) | State::Asleep => Box::new(self.begin(alerts)),
        };
        let more = match self.table.read(&mut under.chunk) {
            Ok(more) => more,
            Err(error) => {
                warn!("cannot read the flow table: {error}; tries again");
                self.state = State::Due(Instant::now() + self.pace.every);
                return;
            }
        };
        self.tell(&mut under, alerts);
        self.state = if more { State::Under(under) } else { self.end(&under, alerts) };
    }

    /// The last sweep, once nothing can come any more.
    pub(super) fn finish(&mut self, alerts: &mut Alerts) {
        self.state = State::Asleep;
        self.step(alerts);
        while matches!(self.state, State::Under(_)) {
            self.step(alerts);
        }
    }

    fn begin(&self, alerts: &mut Alerts) -> Under {
        // In this order: what is settled cannot grow while the table is gone through.
        let settled = self.settled.load(Acquire);
        alerts.flows.begin_sweep();
        Under { began: Instant::now(), chunk: Chunk::default(), live: 0, before: alerts.snapshot(), settled }
    }

    fn tell(&self, under: &mut Under, alerts: &mut Alerts) {
        let Some(clock) = alerts.clock() else { return };
        let (keys, values) = (std::mem::take(&mut under.chunk.keys), std::mem::take(&mut under.chunk.values));
        for (key, value) in keys.iter().zip(&values) {
            if self.has_ended(key, value, under.settled, &clock) {
                // What came after the table was read is in what is taken out of it.
                let taken = self.table.take(key).unwrap_or_else(|error| {
                    warn!("cannot take a flow out of the table: {error}");
                    None
                });
                alerts.flow(*key, taken.as_ref().unwrap_or(value), &clock);
            } else {
                under.live += 1;
                alerts.flow(*key, value, &clock);
            }
        }
        (under.chunk.keys, under.chunk.values) = (keys, values);
    }

    /// Idle for long, or of a generation that judges no packet any more.
    fn has_ended(&self, key: &FlowKey, value: &FlowValue, settled: u64, clock: &Clock) -> bool {
        let idle = clock.monotonic().saturating_sub(value.last);
        u128::from(idle) >= self.pace.idle.as_nanos() || key.generation() < settled
    }

    fn end(&self, under: &Under, alerts: &mut Alerts) -> State {
        let complete = alerts.end_sweep(&under.before, under.settled);
        if complete && under.live == 0 {
            return State::Asleep;
        }
        State::Due((under.began + self.pace.every).max(Instant::now()))
    }
}
