//! How long, as it is typed.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use jiff::{Span, SpanRelativeTo};

/// `500ms`, `1s`, `2m`: how often.
pub(super) fn duration(text: &str) -> anyhow::Result<Duration> {
    let time = read(text).filter(|time| *time >= Duration::from_millis(10));
    // Less is a busy loop.
    time.context("a time is a number with its unit, as 500ms, 1s or 2m, and at least 10ms")
}

/// `90s`, `12h`, `7d`: for how long.
pub(super) fn seconds(text: &str) -> anyhow::Result<Duration> {
    let duration = read(text).context("give a duration, as 90s, 12h or 7d")?;
    ensure!(duration >= Duration::from_secs(1), "a second at least");
    Ok(duration)
}

/// A number and its unit; months have no length, and less than nothing is none.
fn read(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_often_has_pauses() {
        assert_eq!(duration("10ms").unwrap(), Duration::from_millis(10));
        for text in ["", "1", "9ms", "-1s", "soon"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_have_a_unit() {
        let read = |text: &str| seconds(text).map(|duration| duration.as_secs()).map_err(|_| ());
        assert_eq!(read("90s"), Ok(90));
        assert_eq!(read("7d"), Ok(604_800));
        assert_eq!(read("1w"), Ok(604_800));
        assert_eq!(read("1h30m"), Ok(5_400));
        for text in ["", "60", "1mo", "-5s", "0s", "500ms", "nonsense", "9999999999999999y"] {
            assert_eq!(read(text), Err(()), "{text}");
        }
    }
}
