//! What a reader was shown and what not: tcpdump's last words.

use std::{collections::BTreeMap, fmt};

use crate::{alerts::line::Line, printable::printable};

/// Counts of events.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// Shown, by type.
    shown: BTreeMap<String, u64>,
    /// Alerts that were shown, by label.
    labels: BTreeMap<String, u64>,
    /// Packets that these alerts stand for.
    packets: u64,
    filtered_out: u64,
    lost_here: u64,
    lost_before: u64,
    held_back: u64,
}

impl Summary {
    /// An event came. Losses count whether they are shown or not.
    pub(super) fn came(&mut self, event: &Line<'_>) {
        if let Some(loss) = &event.loss {
            let lost = match &*loss.place {
                "reader_too_slow" => &mut self.lost_here,
                "suppressed" => &mut self.held_back,
                _ => &mut self.lost_before,
            };
            *lost += loss.count;
        }
    }

    /// It was shown.
    pub(super) fn shown(&mut self, event: &Line<'_>) {
        *self.shown.entry(event.event_type.to_string()).or_default() += 1;
        if let ("alert", Some(details)) = (&*event.event_type, &event.checker) {
            *self.labels.entry(details.label.to_string()).or_default() += 1;
            self.packets += details.count.unwrap_or(1);
        }
    }

    /// It was not, because of the filter.
    pub(super) const fn filtered_out(&mut self) {
        self.filtered_out += 1;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shown, labels, packets, filtered_out, lost_here, lost_before, held_back } = self;
        let kinds: Vec<_> =
            shown.iter().map(|(kind, count)| format!("{} {count}", printable(kind))).collect();
        write!(f, "{} events shown", shown.values().sum::<u64>())?;
        if !kinds.is_empty() {
            write!(f, ": {}", kinds.join(", "))?;
        }
        if *packets > 0 {
            write!(f, "; {packets} packets")?;
        }
        writeln!(f)?;
        for (label, count) in labels {
            writeln!(f, "  {}: {count}", printable(label))?;
        }
        writeln!(f, "{filtered_out} events filtered out")?;
        writeln!(f, "{lost_here} events lost to this reader")?;
        if *lost_before > 0 {
            writeln!(f, "{lost_before} packets lost in the daemon")?;
        }
        if *held_back > 0 {
            writeln!(f, "{held_back} packets held back by its limit")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_counted_once() {
        let mut summary = Summary::default();
        let alert = |label: &str| {
            format!(
                r#"{{"timestamp":"2026-11-23T16:25:30Z","event_type":"alert",
                    "checker":{{"label":"{label}","matched":"::1","count":2}}}}"#
            )
        };
        let loss = |place: &str| {
            format!(
                r#"{{"timestamp":"2026-11-23T16:25:30Z","event_type":"loss","loss":{{"place":"{place}","count":5}}}}"#
            )
        };
        for (line, shown) in [
            (alert("CN"), true),
            (alert("US"), true),
            (alert("CN"), false),
            (loss("reader_too_slow"), true),
            (loss("ring_full"), false),
        ] {
            let event = serde_json::from_str(&line).unwrap();
            summary.came(&event);
            if shown {
                summary.shown(&event);
            } else {
                summary.filtered_out();
            }
        }
        assert_eq!(
            summary.to_string(),
            "3 events shown: alert 2, loss 1; 4 packets\n  CN: 1\n  US: 1\n2 events filtered out\n\
             5 events lost to this reader\n5 packets lost in the daemon\n"
        );
        let nothing = "0 events shown\n0 events filtered out\n0 events lost to this reader\n";
        assert_eq!(Summary::default().to_string(), nothing);
    }
}
