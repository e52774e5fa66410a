//! The account in words: at the end of `run`, and in `status`.

use std::{collections::BTreeMap, fmt::Write as _, io::Write as _};

use checker_common::outcome::Outcome;

use crate::{
    control::account::{Account, SinkRow},
    printable::printable,
};

/// Prints the account to standard error.
pub fn print(account: &Account) {
    // Standard error may be closed; there is nobody else to tell.
    let _unheard = anstream::stderr().write_all(text(account).as_bytes());
}

/// The account as lines.
#[must_use]
pub fn text(account: &Account) -> String {
    let Account { seen, judged, outcomes, malformed, total, labels, sinks } = account;
    let mut text = format!("packets  seen {seen}, judged {judged} ({})", share(*judged, *seen));
    text += &listed(outcomes, true);
    if judged < seen {
        let _infallible = write!(text, "\n  not judged {}", seen - judged);
        text += &listed(outcomes, false);
    }
    let _infallible = writeln!(text, "\naccount  {total}");
    if *malformed > 0 {
        let _infallible = writeln!(text, "  not understood: {malformed} records, counted as lost above");
    }
    for label in labels {
        let _infallible = writeln!(text, "  {} ({}): {}", label.label, label.action, label.row);
    }
    // The account above is standard output's.
    for sink in sinks.iter().skip(1) {
        let _infallible = writeln!(text, "sink     {}", went(sink));
    }
    text
}

/// `: alerted 1, compliant 2`: the outcomes that are a verdict, or those that are none; nothing where all are 0.
fn listed(outcomes: &BTreeMap<String, u64>, judged: bool) -> String {
    let is_verdict =
        |name: &str| Outcome::ALL.iter().any(|outcome| outcome.judged() && outcome.name() == name);
    let counted = outcomes.iter().filter(|(name, packets)| **packets > 0 && is_verdict(name) == judged);
    let counted: Vec<_> = counted.map(|(outcome, packets)| format!("{outcome} {packets}")).collect();
    if counted.is_empty() { String::new() } else { format!(": {}", counted.join(", ")) }
}

/// `log x.json: given 3 = written 1 + aggregated 2 + lost 0`.
fn went(sink: &SinkRow) -> String {
    let SinkRow { name, given, written, aggregated, lost, queued, spooled, failing } = sink;
    let lost_in_all = lost.total();
    let mut text = format!("{name}: given {given} = written {written}");
    let _infallible = write!(text, " + aggregated {aggregated} + lost {lost_in_all}");
    if *queued > 0 {
        let _infallible = write!(text, " + queued {queued}");
    }
    if *spooled > 0 {
        let _infallible = write!(text, " + spooled {spooled}");
    }
    if lost_in_all > 0 {
        let _infallible = write!(text, " (too slow {}, failed {})", lost.too_slow, lost.failed);
    }
    if let Some(reason) = failing {
        let _infallible = write!(text, "; FAILING: {}", printable(reason));
    }
    text
}

/// A share in per cent; never rounded up to a hundred.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "nothing seen yet".to_owned();
    }
    let tenths = u128::from(part) * 1000 / u128::from(whole);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::account::Row;

    fn account(outcomes: &[(&str, u64)], judged: u64) -> Account {
        Account {
            seen: outcomes.iter().map(|(_, packets)| packets).sum(),
            judged,
            outcomes: outcomes.iter().map(|(name, packets)| ((*name).to_owned(), *packets)).collect(),
            malformed: 0,
            total: Row::default(),
            labels: Vec::new(),
            sinks: Vec::new(),
        }
    }

    #[test]
    fn what_was_not_judged_stands_apart_with_its_reasons() {
        let outcomes =
            [("alerted", 3), ("compliant", 7), ("dropped", 0), ("encrypted", 2), ("not_ip", 1), ("later", 1)];
        assert_eq!(
            text(&account(&outcomes, 10)),
            "packets  seen 14, judged 10 (71.4 %): alerted 3, compliant 7\n  \
             not judged 4: encrypted 2, later 1, not_ip 1\naccount  matched 0 = emitted 0 + lost 0\n"
        );
    }

    #[test]
    fn nothing_judged_and_nothing_seen_are_said() {
        assert_eq!(
            text(&account(&[("no_list", 2)], 0)),
            "packets  seen 2, judged 0 (0.0 %)\n  not judged 2: no_list 2\n\
             account  matched 0 = emitted 0 + lost 0\n"
        );
        assert_eq!(
            text(&account(&[("compliant", 0)], 0)),
            "packets  seen 0, judged 0 (nothing seen yet)\naccount  matched 0 = emitted 0 + lost 0\n"
        );
    }

    #[test]
    fn one_packet_that_was_not_judged_is_not_rounded_away() {
        assert_eq!(share(999_999, 1_000_000), "99.9 %");
        assert_eq!(share(u64::MAX - 1, u64::MAX), "99.9 %");
        assert_eq!(share(5, 5), "100.0 %");
        assert_eq!(share(0, 0), "nothing seen yet");
    }
}
