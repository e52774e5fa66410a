//! The one way to wait: for a condition, with a deadline.

use std::{
    fmt::Display,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// After this long something hangs. Far above what anything takes: no test measures time by it.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How often a condition is looked at.
const PACE: Duration = Duration::from_millis(2);

/// Waits until `look` finds what is awaited, and gives it; until then `look` says what is there instead.
///
/// # Errors
///
/// After [`DEADLINE`], one sentence of `what` was awaited and what was there instead.
pub fn wait_until<T, S: Display>(what: &str, mut look: impl FnMut() -> Result<T, S>) -> Result<T> {
    let began = Instant::now();
    loop {
        match look() {
            Ok(found) => return Ok(found),
            Err(instead) if began.elapsed() > DEADLINE => {
                bail!("waited {} s until {what}, but {instead}", DEADLINE.as_secs())
            }
            Err(_) => thread::sleep(PACE),
        }
    }
}
