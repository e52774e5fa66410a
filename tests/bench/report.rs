//! What was measured, as a table on the terminal, as JSON and as a plot.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::plot::{Group, plot};

/// Median and quartiles of the rounds, in nanoseconds a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// One list with one kind of traffic.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) list: String,
    pub(crate) ranges: usize,
    pub(crate) index_kib: usize,
    pub(crate) traffic: &'static str,
    /// The first is what the others are compared with.
    pub(crate) costs: Vec<(String, Spread)>,
}

/// One list with one kind of traffic, and filters that compete.
#[derive(Debug)]
pub(crate) struct Rivals {
    pub(crate) list: String,
    pub(crate) ranges: usize,
    pub(crate) traffic: &'static str,
    /// The first is what the others are compared with.
    pub(crate) rivals: Vec<Rival>,
}

/// A hook that ends packets, the same with a filter in it, and the difference, each with its name.
#[derive(Debug)]
pub(crate) struct Rival {
    pub(crate) hook: (String, Spread),
    pub(crate) filter: (String, Spread),
    pub(crate) added: Spread,
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    rivals: Vec<Rivals>,
    facts: Vec<(String, Value)>,
}

impl Spread {
    pub(crate) fn of(mut all: Vec<f64>) -> Self {
        all.sort_by(f64::total_cmp);
        let at = |quarter: usize| all.get((all.len().max(1) - 1) * quarter / 4).copied().unwrap_or_default();
        Self { median: at(2), low: at(1), high: at(3) }
    }
}

impl Report {
    /// Adds a row, and prints it: a run takes minutes.
    pub(crate) fn add(&mut self, row: Row) {
        let mut line =
            format!("{:<24} {:>8} {:>6} KiB  {:<12}", row.list, row.ranges, row.index_kib, row.traffic);
        for (name, Spread { median, low, high }) in &row.costs {
            // Writing to a String does not fail.
            let _ = write!(line, "  {name} {median:.0} ({low:.0}–{high:.0})");
        }
        if let [(_, bare), (_, trie), (_, verdict), ..] = row.costs.as_slice()
            && trie.median > bare.median
        {
            let share = (verdict.median - bare.median).max(0.5) / (trie.median - bare.median);
            let _ = write!(line, "  1/{:.1}", 1.0 / share);
        }
        say(&line);
        self.rows.push(row);
    }

    /// Adds a row of pairs, and prints it with the first one's share of the others: of the whole, and of what the
    /// filter adds.
    pub(crate) fn add_rivals(&mut self, row: Rivals) {
        let mut line = format!("{:<24} {:>8} {:<12}", row.list, row.ranges, row.traffic);
        for Rival { hook, filter, added } in &row.rivals {
            // Writing to a String does not fail.
            let _ = write!(
                line,
                "  {} {:.0} {} {:.0} (+{:.0}, {:.0}–{:.0})",
                hook.0, hook.1.median, filter.0, filter.1.median, added.median, added.low, added.high
            );
        }
        if let [first, others @ ..] = row.rivals.as_slice() {
            for other in others {
                let whole = other.filter.1.median / first.filter.1.median;
                let added = other.added.median / first.added.median.max(1.0);
                let _ = write!(line, "  1/{whole:.1} (1/{added:.1})");
            }
        }
        say(&line);
        self.rivals.push(row);
    }

    pub(crate) fn fact(&mut self, name: &str, value: Value) {
        say(&format!("{name}: {value}"));
        self.facts.push((name.to_owned(), value));
    }

    /// What the plot shows, in the order of the table.
    fn bars(&self) -> Vec<Group> {
        let row = |row: &Row| (format!("{} · {}", row.list, row.traffic), row.costs.clone());
        let rivals = |row: &Rivals| {
            let pairs = row.rivals.iter().flat_map(|rival| [rival.hook.clone(), rival.filter.clone()]);
            (format!("{} · {}", row.list, row.traffic), pairs.collect())
        };
        self.rows.iter().map(row).chain(self.rivals.iter().map(rivals)).collect()
    }

    /// Writes `classify.json` and `classify.svg`.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let spread = |cost: &Spread| json!({ "median": cost.median, "low": cost.low, "high": cost.high });
        let row = |row: &Row| {
            let costs = row.costs.iter().map(|(name, cost)| (name.clone(), spread(cost)));
            json!({
                "list": row.list, "ranges": row.ranges, "index_kib": row.index_kib, "traffic": row.traffic,
                "ns": costs.collect::<serde_json::Map<_, _>>(),
            })
        };
        let rival = |Rival { hook, filter, added }: &Rival| {
            json!({ "hook": hook.0, "hook_ns": spread(&hook.1), "filter": filter.0, "ns": spread(&filter.1),
                    "added_ns": spread(added) })
        };
        let rivals = |row: &Rivals| {
            json!({
                "list": row.list, "ranges": row.ranges, "traffic": row.traffic,
                "rivals": row.rivals.iter().map(rival).collect::<Vec<_>>(),
            })
        };
        let facts: serde_json::Map<_, _> = self.facts.iter().cloned().collect();
        let all = json!({
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "rivals": self.rivals.iter().map(rivals).collect::<Vec<_>>(),
            "facts": facts,
        });
        for (name, text) in
            [("classify.json", serde_json::to_string_pretty(&all)?), ("classify.svg", plot(&self.bars()))]
        {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            say(&format!("written: {}", path.display()));
        }
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "the table is the purpose")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
