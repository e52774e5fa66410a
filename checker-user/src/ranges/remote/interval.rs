//! A length of time as people write it: `6h`, `90 min`, `1d 12h`.

use std::{fmt, str::FromStr, time::Duration};

use anyhow::{Context as _, ensure};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Serialize};

use crate::printable::printable;

/// Whole seconds, from one to 366 days of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Interval(u64);

impl Interval {
    const MOST: u64 = 366 * 24 * 60 * 60;

    /// So many seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// As the standard library has it.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl FromStr for Interval {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let span: Span = text.parse().ok()?;
            let duration: SignedDuration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
            u64::try_from(duration.as_secs()).ok()
        };
        let shown = printable(text);
        let seconds = parse()
            .with_context(|| format!("\"{shown}\" is no length of time; write it as 30s, 90min, 6h or 1d"))?;
        ensure!((1..=Self::MOST).contains(&seconds), "\"{shown}\" is not from one second to 366 days");
        Ok(Self(seconds))
    }
}

impl TryFrom<String> for Interval {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Interval> for String {
    fn from(interval: Interval) -> Self {
        interval.to_string()
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_it_in_many_ways() {
        for (text, seconds) in [
            ("6h", 21_600),
            ("90 min", 5_400),
            ("1d", 86_400),
            ("1d 12h", 129_600),
            ("30s", 30),
            ("2 weeks", 1_209_600),
        ] {
            let interval: Interval = text.parse().unwrap();
            assert_eq!(interval.duration().as_secs(), seconds, "{text}");
            assert_eq!(interval.to_string().parse::<Interval>().unwrap(), interval);
        }
    }

    #[test]
    fn and_what_is_none_is_said() {
        for (text, why) in [
            ("6", "is no length of time"),
            ("", "is no length of time"),
            ("soon", "is no length of time"),
            ("-6h", "is no length of time"),
            ("0s", "is not from one second"),
            ("10ms", "is not from one second"),
            ("400 days", "is not from one second to 366 days"),
        ] {
            let error = text.parse::<Interval>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
