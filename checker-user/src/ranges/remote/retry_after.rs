//! `Retry-After`: how long a server asks to be left alone, RFC 9110 section 10.2.3.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};

/// More is taken as this much: a server must not be able to switch off a watcher's updates.
const MOST: Duration = Duration::from_secs(24 * 60 * 60);

/// Seconds, or the date until when, as it stands in the header; `None` for anything else and for what is over.
pub(super) fn read(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse().ok() {
        Some(seconds) => Duration::from_secs(seconds),
        // An HTTP date is one of RFC 2822, always in GMT.
        None => rfc2822::parse(value).ok()?.timestamp().duration_since(now).try_into().ok()?,
    };
    (!wait.is_zero()).then_some(wait.min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_number_of_seconds_or_a_date() {
        let now: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
        let seconds = |value: &str| read(value, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Wed, 25 Nov 2026 10:00:30 GMT"), Some(30));
        for value in ["86401", "18446744073709551615", "Tue, 25 Nov 2036 10:00:00 GMT"] {
            assert_eq!(seconds(value), Some(86_400), "{value}");
        }
        for value in ["", "0", "-1", "soon", "1.5", "Wed, 25 Nov 2026 09:59:59 GMT"] {
            assert_eq!(seconds(value), None, "{value}");
        }
    }
}
