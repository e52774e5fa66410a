//! Numbers as people read them.

use crate::alerts::moment::Moment;

/// `3.1 MB`.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / *unit as f64),
        None => format!("{bytes} B"),
    }
}

/// `2026-11-25 10:00:00`, UTC.
pub(super) fn second(moment: Option<Moment>) -> String {
    moment.map(|moment| moment.0.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

/// `10 minutes`.
pub(super) fn duration(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..60 => (seconds, "second"),
        60..3600 if seconds % 60 == 0 => (seconds / 60, "minute"),
        3600..86_400 if seconds % 3600 == 0 => (seconds / 3600, "hour"),
        86_400.. if seconds % 86_400 == 0 => (seconds / 86_400, "day"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `1 alert`, `2 alerts`.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
