//! The report for programs.

use serde_json::{Value, json};

use super::{
    counted::{Counted, Entry},
    gaps::Missing,
    read::Reading,
    sum::Sum,
    tally::Tally,
};

/// Steps of the timeline.
const STEPS: usize = 120;

/// The whole report, each table up to `top` rows; its shape is told by `docs/report.md`.
#[must_use]
pub fn json(reading: &Reading, tally: &Tally, top: usize) -> Value {
    let losses: Vec<_> = tally
        .losses
        .iter()
        .map(|(place, loss)| {
            json!({"place": place, "packets": loss.packets, "records": loss.records, "first": loss.first, "last": loss.last})
        })
        .collect();
    let Missing { within, gaps, between, twice } = tally.gaps.missing();
    let (step, steps) = tally.timeline.steps(STEPS);
    let steps: Vec<_> = steps
        .into_iter()
        .map(|(start, step)| json!({"start": start, "packets": step.total(), "lost": step.lost}))
        .collect();
    json!({
        "report": 1,
        "files": reading.files,
        "lines": reading.lines,
        "bad_lines": {"count": reading.bad, "first": reading.named},
        "complete": !reading.failed,
        "filtered": tally.filtered,
        "outside": tally.outside,
        "total": sum(&tally.total),
        "losses": losses,
        "missing": {"alerts": within, "gaps": gaps, "between_files": between, "files_twice": twice},
        "account": tally.account.as_ref().map(|(time, account)| json!({"timestamp": time, "total": account})),
        "incidents": tally.incidents,
        "labels": rows(&tally.labels, "label", usize::MAX, |_| json!({})),
        "machines": rows(&tally.machines, "machine", top, |entry| {
            let about = entry.about;
            json!({"known": about.known, "mac": about.mac, "site": about.site, "vendor": about.vendor})
        }),
        "addresses": rows(&tally.addresses, "address", top, |entry| {
            json!({"label": entry.about.label, "prefix": entry.about.prefix})
        }),
        "services": rows(&tally.services, "service", top, |_| json!({})),
        "lists": rows(&tally.lists, "name", usize::MAX, |entry| {
            json!({"label": entry.about.label, "list": entry.about.list, "list_sha256": entry.about.sha256})
        }),
        "timeline": {"step_seconds": step, "steps": steps},
    })
}

fn sum(sum: &Sum) -> Value {
    json!({
        "alerts": sum.alerts,
        "packets": sum.packets,
        "bytes": sum.bytes,
        "first_seen": sum.first,
        "last_seen": sum.last,
    })
}

/// What is not among the first `top`, and what there was no room for, is `others`.
fn rows<V>(counted: &Counted<V>, name: &str, top: usize, about: impl Fn(&Entry<'_, V>) -> Value) -> Value {
    let sorted = counted.sorted();
    let row = |entry: &Entry<'_, V>| {
        let mut row = sum(entry.sum);
        row[name] = entry.name.into();
        if let (Value::Object(row), Value::Object(about)) = (&mut row, about(entry)) {
            row.extend(about);
        }
        row
    };
    let mut others = counted.beyond;
    sorted.iter().skip(top).for_each(|entry| others.add(entry.sum));
    json!({
        "distinct": counted.len(),
        "distinct_is_exact": counted.beyond.alerts == 0,
        "rows": sorted.iter().take(top).map(row).collect::<Vec<_>>(),
        "others": sum(&others),
    })
}
