//! What was measured, as a table on the terminal, as JSON and as a plot.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

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

#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
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

    /// Adds a row of pairs: a set-up, and the same with its filter.
    pub(crate) fn add_rivals(&mut self, row: Row) {
        let mut line = format!("{:<24} {:>8} {:<12}", row.list, row.ranges, row.traffic);
        let mut filters = Vec::new();
        for pair in row.costs.chunks_exact(2) {
            let ((hook, without), (name, with)) = (&pair[0], &pair[1]);
            filters.push(with.median - without.median);
            // Writing to a String does not fail.
            let _ = write!(
                line,
                "  {hook} {:.0} {name} {:.0} (+{:.0})",
                without.median,
                with.median,
                with.median - without.median
            );
        }
        if let [checker, others @ ..] = filters.as_slice() {
            for other in others {
                let _ = write!(line, "  1/{:.1}", other / checker.max(1.0));
            }
        }
        say(&line);
        self.rows.push(row);
    }

    pub(crate) fn fact(&mut self, name: &str, value: Value) {
        say(&format!("{name}: {value}"));
        self.facts.push((name.to_owned(), value));
    }

    /// Writes `classify.json` and `classify.svg`.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let row = |row: &Row| {
            let costs = row.costs.iter().map(|(name, cost)| {
                (name.clone(), json!({ "median": cost.median, "low": cost.low, "high": cost.high }))
            });
            json!({
                "list": row.list, "ranges": row.ranges, "index_kib": row.index_kib, "traffic": row.traffic,
                "ns": costs.collect::<serde_json::Map<_, _>>(),
            })
        };
        let facts: serde_json::Map<_, _> = self.facts.iter().cloned().collect();
        let all = json!({ "rows": self.rows.iter().map(row).collect::<Vec<_>>(), "facts": facts });
        for (name, text) in
            [("classify.json", serde_json::to_string_pretty(&all)?), ("classify.svg", self.plot())]
        {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            say(&format!("written: {}", path.display()));
        }
        Ok(())
    }

    /// A group of bars for each row, on a scale of ten to ten thousand nanoseconds.
    fn plot(&self) -> String {
        const COLOURS: [&str; 5] = ["#bbbbbb", "#cc6677", "#117733", "#88ccee", "#ddaa33"];
        const LEFT: f64 = 320.0;
        let x = |ns: f64| LEFT + (ns.max(10.0).log10() - 1.0) * 220.0;
        let height = 60 + self.rows.iter().map(|row| 8 * row.costs.len() + 8).sum::<usize>();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1020\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"10\" y=\"20\">ns a packet, median; line: quartiles</text>\n"
        );
        for ns in [10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0] {
            let at = x(ns);
            let _ = writeln!(
                svg,
                "<path d=\"M{at:.0} 36V{height}\" stroke=\"#dddddd\"/><text x=\"{at:.0}\" y=\"34\" text-anchor=\"middle\">{ns}</text>"
            );
        }
        let mut y = 44;
        for row in &self.rows {
            let text_y = y + 4 * row.costs.len() + 4;
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{text_y}\" text-anchor=\"end\">{} · {}</text>",
                LEFT - 8.0,
                row.list,
                row.traffic
            );
            for (index, (name, cost)) in row.costs.iter().enumerate() {
                let (end, low, high) = (x(cost.median), x(cost.low), x(cost.high));
                let colour = COLOURS[index % COLOURS.len()];
                let _ = writeln!(
                    svg,
                    "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"7\" fill=\"{colour}\"><title>{name} {:.0} ns</title></rect>\
                     <path d=\"M{low:.1} {m}H{high:.1}\" stroke=\"black\"/><text x=\"{:.0}\" y=\"{}\" font-size=\"7\">{name}</text>",
                    end - LEFT,
                    cost.median,
                    high.max(end) + 3.0,
                    y + 6,
                    m = y + 3,
                );
                y += 8;
            }
            y += 8;
        }
        svg + "</svg>\n"
    }
}

#[expect(clippy::print_stdout, reason = "the table is the purpose")]
fn say(line: &str) {
    println!("{line}");
}
