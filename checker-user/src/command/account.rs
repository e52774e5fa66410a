//! The account in words: at the end of `run`, and in `status`.

use std::{fmt::Write as _, io::Write as _};

use crate::control::protocol::{Account, Row};

/// Prints the account to standard error.
pub fn print(account: &Account) {
    // Standard error may be closed; there is nobody else to tell.
    let _unheard = anstream::stderr().write_all(text(account).as_bytes());
}

/// The account as lines.
#[must_use]
pub fn text(account: &Account) -> String {
    let Account { seen, judged, outcomes, malformed, total, labels } = account;
    let mut text = format!("packets  seen {seen}, judged {judged} ({})", share(*judged, *seen));
    let counted = outcomes.iter().filter(|(_, packets)| **packets > 0);
    let counted: Vec<_> = counted.map(|(outcome, packets)| format!("{outcome} {packets}")).collect();
    if !counted.is_empty() {
        let _infallible = write!(text, ": {}", counted.join(", "));
    }
    let _infallible = writeln!(text, "\naccount  {}", sum(total));
    if *malformed > 0 {
        let _infallible = writeln!(text, "  not understood: {malformed} records, counted as lost above");
    }
    for label in labels {
        let _infallible = writeln!(text, "  {} ({}): {}", label.label, label.action, sum(&label.row));
    }
    text
}

fn sum(row: &Row) -> String {
    let lost = &row.lost;
    let mut text = format!("matched {} = emitted {} + lost {}", row.matched, row.emitted, lost.total());
    if row.queued > 0 {
        let _infallible = write!(text, " + queued {}", row.queued);
    }
    if lost.total() > 0 {
        let _infallible = write!(
            text,
            " (ring full {}, reader too slow {}, output failed {})",
            lost.ring_full, lost.reader_too_slow, lost.sink_failed
        );
    }
    text
}

/// A share in per cent; never rounded up to a hundred.
fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "nothing seen yet".to_owned();
    }
    let tenths = u128::from(part) * 1000 / u128::from(whole);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn one_packet_that_was_not_judged_is_not_rounded_away() {
        assert_eq!(share(999_999, 1_000_000), "99.9 %");
        assert_eq!(share(5, 5), "100.0 %");
        assert_eq!(share(0, 0), "nothing seen yet");
    }
}
