//! `--limit`: so many alerts a second and label, and as many at once after a pause.

use std::{collections::HashMap, num::NonZeroU32, str::FromStr};

use anyhow::Context as _;

use crate::printable::printable;

/// Alerts a second, typed as `100/s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(NonZeroU32);

impl FromStr for Rate {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_suffix("/s").and_then(|number| number.parse().ok());
        let rate = number.with_context(|| {
            format!("\"{}\" is no limit: a limit is a number of alerts a second, as 100/s", printable(text))
        });
        rate.map(Self)
    }
}

const SECOND: u64 = 1_000_000_000;

/// A token bucket for each class, filled by the clock of the records.
#[derive(Debug)]
pub(super) struct Limit {
    rate: Option<Rate>,
    buckets: HashMap<u32, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Alerts that may pass, in parts of a second: a whole alert is [`SECOND`].
    level: u64,
    filled: u64,
}

impl Limit {
    pub(super) fn new(rate: Option<Rate>) -> Self {
        Self { rate, buckets: HashMap::new() }
    }

    /// Whether one more alert of `class` may pass at the time `now`, in nanoseconds.
    pub(super) fn admits(&mut self, class: u32, now: u64) -> bool {
        let Some(Rate(rate)) = self.rate else { return true };
        let rate = u64::from(rate.get());
        let full = rate * SECOND;
        let bucket = self.buckets.entry(class).or_insert(Bucket { level: full, filled: now });
        let passed = now.saturating_sub(bucket.filled);
        bucket.level = full.min(bucket.level.saturating_add(passed.saturating_mul(rate)));
        bucket.filled = bucket.filled.max(now);
        let admits = bucket.level >= SECOND;
        if admits {
            bucket.level -= SECOND;
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_a_second() {
        assert_eq!("100/s".parse::<Rate>().unwrap(), Rate(NonZeroU32::new(100).unwrap()));
        for wrong in ["", "100", "0/s", "-1/s", "1/m", "1.5/s", "x/s", "4294967296/s"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
        let said = "\u{1b}[2J/s".parse::<Rate>().unwrap_err().to_string();
        assert_eq!(said, r#""\u{1b}[2J/s" is no limit: a limit is a number of alerts a second, as 100/s"#);
    }

    #[test]
    fn a_burst_passes_then_so_many_a_second_each_label_by_itself() {
        let mut limit = Limit::new(Some("3/s".parse().unwrap()));
        let mut passed = |class, now| (0..10).filter(|_| limit.admits(class, now)).count();
        assert_eq!(passed(1, 5 * SECOND), 3);
        assert_eq!(passed(1, 5 * SECOND + SECOND / 3), 0, "a hair less than an alert's time");
        assert_eq!(passed(1, 5 * SECOND + SECOND / 3 + 1), 1);
        assert_eq!(passed(2, 5 * SECOND), 3, "another label");
        assert_eq!(passed(1, 4 * SECOND), 0, "a record that is late");
        assert_eq!(passed(1, 3600 * SECOND), 3, "a pause saves up no more than a burst");
        assert_eq!(passed(1, u64::MAX), 3);
    }

    #[test]
    fn without_a_limit_all_pass() {
        let mut limit = Limit::new(None);
        assert!((0..100_000).all(|_| limit.admits(1, 0)));
    }
}
