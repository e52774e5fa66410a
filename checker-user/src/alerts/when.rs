//! A point in time as people type it: `10m` for ten minutes ago, a date, or a date with a time of day.

use std::str::FromStr;

use anyhow::{anyhow, ensure};
use jiff::{Span, SpanRelativeTo, Timestamp, civil::DateTime, tz::TimeZone};

use crate::printable::printable;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct When(pub Timestamp);

impl FromStr for When {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        before(text, Timestamp::now()).map(Self)
    }
}

fn before(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    if let Ok(point) = text.parse::<Timestamp>() {
        return Ok(point);
    }
    // Everything that checker prints is UTC, so what has no offset is too. A date alone is its midnight.
    if let Ok(civil) = text.parse::<DateTime>() {
        return Ok(TimeZone::UTC.to_timestamp(civil)?);
    }
    let ago = text.parse::<Span>().ok().and_then(|span| {
        let ago = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        now.checked_sub(ago.abs()).ok()
    });
    let typed = ago.ok_or_else(|| {
        anyhow!(
            "\"{}\" is no time: write 10m, 2h30m or 3d for so long ago, or 2026-11-25, or 2026-11-25T10:00:00Z",
            printable(text)
        )
    })?;
    ensure!(typed <= now, "that is in the future");
    Ok(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        let now = "2026-11-25T10:00:00Z".parse().unwrap();
        for (typed, meant) in [
            ("10m", "2026-11-25T09:50:00Z"),
            ("10 minutes", "2026-11-25T09:50:00Z"),
            ("10m ago", "2026-11-25T09:50:00Z"),
            ("2h30m", "2026-11-25T07:30:00Z"),
            ("90s", "2026-11-25T09:58:30Z"),
            ("3d", "2026-11-22T10:00:00Z"),
            ("1w", "2026-11-18T10:00:00Z"),
            ("PT1H", "2026-11-25T09:00:00Z"),
            ("2026-11-24", "2026-11-24T00:00:00Z"),
            ("2026-11-24T08:00:00Z", "2026-11-24T08:00:00Z"),
            ("2026-11-24T08:00:00+02:00", "2026-11-24T06:00:00Z"),
            ("2026-11-24T08:00", "2026-11-24T08:00:00Z"),
            ("2026-11-24 08:00:01.5", "2026-11-24T08:00:01.5Z"),
        ] {
            assert_eq!(before(typed, now).unwrap().to_string(), meant, "{typed}");
        }
        for typed in ["", "10", "10x", "yesterday", "1 month", "2026-13-01", "999999999999999999h", "\x1b[2J"]
        {
            let wrong = before(typed, now).unwrap_err().to_string();
            assert!(wrong.contains(" is no time: write 10m, ") && !wrong.contains('\x1b'), "{wrong}");
        }
    }
}
