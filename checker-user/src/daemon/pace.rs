//! When the daemon looks by itself: all that it looks after at the same moments, so that where nothing happens it wakes as
//! often as the one that is due most often, and no oftener.

use std::{sync::OnceLock, time::Duration};

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// So often that whatever is done is told within a second.
pub(super) const LOOK: Duration = Duration::from_millis(500);

/// A tick every so often, at multiples of that since the first call. One that was missed is not made up for, and the
/// others stay where they were.
pub(super) fn ticks(every: Duration) -> Interval {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let began = *BEGAN.get_or_init(Instant::now);
    let passed = began.elapsed().as_nanos() / every.as_nanos().max(1);
    let next = every.saturating_mul(u32::try_from(passed + 1).unwrap_or(u32::MAX));
    let mut ticks = interval_at(began + next, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks
}
