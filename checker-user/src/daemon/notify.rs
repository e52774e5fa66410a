//! What a service manager is told (`sd_notify(3)`): that the daemon watches, that its loop turns, that it ends. Where there
//! is none, nothing is done.

use std::{future, time::Duration};

use sd_notify::NotifyState;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tracing::debug;

/// The service manager.
pub(super) struct Manager {
    /// Twice as often as it wants to hear from the loop; none where it does not.
    pulse: Option<Interval>,
}

impl Manager {
    /// The one that started this process, if it was one.
    pub(super) fn new() -> Self {
        let wanted = sd_notify::watchdog_enabled();
        let pulse = wanted.map(|wanted| {
            let mut pulse = interval((wanted / 2).max(Duration::from_millis(1)));
            pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pulse
        });
        Self { pulse }
    }

    /// Waits until it wants to hear that the loop turns.
    pub(super) async fn due(&mut self) {
        match &mut self.pulse {
            Some(pulse) => drop(pulse.tick().await),
            None => future::pending().await,
        }
    }

    /// The loop turns.
    pub(super) fn alive() {
        tell(&[NotifyState::Watchdog]);
    }

    /// It watches.
    pub(super) fn ready(status: &str) {
        tell(&[NotifyState::Status(status), NotifyState::Ready]);
    }

    /// It ends.
    pub(super) fn stopping() {
        tell(&[NotifyState::Stopping]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        debug!("the service manager is not told: {error}");
    }
}
