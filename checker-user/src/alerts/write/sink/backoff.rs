//! How long to wait before the next try: twice as long each time, and never as long as others who wait for the same.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// The pause after each failure in a row.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl Backoff {
    /// The next pause: between half and all of a time that doubles up to ten seconds.
    pub(super) fn pause(&mut self) -> Duration {
        let whole = self.0;
        self.0 = (whole * 2).min(LONGEST);
        // A hash with random keys is as random as this needs.
        let random = RandomState::new().hash_one(()) % 1000;
        whole / 2 + whole / 2000 * u32::try_from(random).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_ten_seconds_and_differ() {
        let mut backoff = Backoff::default();
        for whole in [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000].map(Duration::from_millis) {
            let pause = backoff.pause();
            assert!(pause >= whole / 2 && pause <= whole, "{pause:?} is not of {whole:?}");
        }
        let another = || Backoff(LONGEST).pause();
        assert!((0..20).any(|_| another() != another()));
    }
}
