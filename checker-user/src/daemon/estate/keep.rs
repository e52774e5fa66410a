//! When the books are written: soon after something was told, and every now and then as a sign of life, so that the next
//! daemon knows since when nobody watched.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::{Estate, books::Books};
use crate::daemon::{alerts::Alerts, commands::Commands};

/// How soon after something was told.
const PACE: Duration = Duration::from_millis(250);

/// A sign of life, when nothing happens.
const LIFE: Duration = Duration::from_secs(10);

/// So long it is waited for standard output to have all that was told.
const PATIENCE: Duration = Duration::from_secs(2);

/// Many flows take time to write: at most a twentieth of it is spent with that.
const SHARE: u32 = 20;

/// What was written last, as far as it can change.
type State = (u64, u64);

/// Keeps the books.
pub(in crate::daemon) struct Keeper {
    estate: Estate,
    /// When it is looked whether there is something to write.
    next: Instant,
    written: Option<State>,
    at: Instant,
    /// Since when it waits for standard output.
    waiting: Option<Instant>,
    not_before: Instant,
    failed: bool,
}

impl Keeper {
    pub(in crate::daemon) fn new(estate: Estate) -> Self {
        let now = Instant::now();
        Self { estate, next: now, written: None, at: now, waiting: None, not_before: now, failed: false }
    }

    /// There may be something to write: nobody looks for it where nothing happens.
    pub(in crate::daemon) fn wake(&mut self) {
        self.next = self.next.min(Instant::now() + PACE);
    }

    /// Waits until it is time to look. Cancel safe.
    pub(in crate::daemon) async fn due(&self) {
        sleep_until(self.next).await;
    }

    /// Writes them if there is anything new, or it is time for a sign of life.
    pub(in crate::daemon) fn keep(&mut self, commands: &Commands, alerts: &Alerts) {
        let now = Instant::now();
        let generation = commands.records.active().map_or(0, |active| active.number);
        // How often the canary was found is written with each look for it.
        let state = (commands.ledger.handled(), generation);
        let due = self.written != Some(state) || now.duration_since(self.at) >= LIFE;
        if !due || now < self.not_before {
            self.next = if due { self.not_before } else { self.at + LIFE };
            return;
        }
        let queued = commands.sinks.first().map_or(0, |stdout| stdout.row().queued);
        if queued > 0 && now.duration_since(*self.waiting.get_or_insert(now)) < PATIENCE {
            self.next = now + PACE;
            return;
        }
        self.waiting = None;
        self.write(commands, alerts);
        self.written = Some(state);
        (self.at, self.not_before) = (now, Instant::now() + now.elapsed() * SHARE);
        self.next = now + LIFE;
    }

    /// Writes them; says once that it cannot.
    pub(in crate::daemon) fn write(&mut self, commands: &Commands, alerts: &Alerts) {
        let written = Books::close(commands, alerts).and_then(|books| books.write(&self.estate));
        match written {
            Ok(()) => self.failed = false,
            Err(error) if !self.failed => {
                self.failed = true;
                warn!("the next daemon will not know what was told: {error:#}");
            }
            Err(_) => {}
        }
    }
}
