//! The report for a terminal: the losses first, then one table after the other.

use std::fmt::{Display, Write as _};

use comfy_table::{CellAlignment, Table, presets::NOTHING};

use super::{
    counted::{Counted, Entry},
    notes::{left_out, losses},
    read::Reading,
    sum::Sum,
    tally::Tally,
    units::{bytes, counted, duration, second},
};
use crate::printable::printable;

/// Rows of the table over time.
const STEPS: usize = 24;

/// The longest bar in it.
const BAR: u64 = 40;

/// The whole report; tables of many rows end after `top`.
#[must_use]
pub fn text(reading: &Reading, tally: &Tally, top: usize) -> String {
    let total = &tally.total;
    let mut text = format!(
        "{} of {}, {}, in {} and {}\n",
        counted(total.alerts, "alert"),
        counted(total.packets, "packet"),
        bytes(total.bytes),
        counted(reading.lines, "line"),
        counted(reading.files.len() as u64, "file")
    );
    if total.first.is_some() {
        let _infallible = writeln!(text, "from {} to {} UTC", second(total.first), second(total.last));
    }
    for line in losses(tally).into_iter().chain(left_out(reading, tally)) {
        text += &line;
        text.push('\n');
    }
    let none = |_: &Entry<'_, ()>| [];
    table(&mut text, "label", [], &tally.labels, usize::MAX, none);
    table(&mut text, "machine", ["mac", "site", "vendor"], &tally.machines, top, |entry| {
        let about = entry.about;
        let mac = about.mac.as_deref().filter(|_| about.known);
        [mac, about.site.as_deref(), about.vendor.as_deref()].map(|text| text.unwrap_or_default().to_owned())
    });
    table(&mut text, "address", ["label", "range"], &tally.addresses, top, |entry| {
        [entry.about.label.clone(), entry.about.prefix.clone().unwrap_or_default()]
    });
    table(&mut text, "service", [], &tally.services, top, none);
    lists(&mut text, tally);
    over_time(&mut text, tally);
    text
}

fn table<V, const N: usize>(
    text: &mut String,
    what: &str,
    columns: [&str; N],
    rows: &Counted<V>,
    top: usize,
    cells: impl Fn(&Entry<'_, V>) -> [String; N],
) {
    if rows.is_empty() {
        return;
    }
    let sorted = rows.sorted();
    let mut table = headed(what, &columns);
    for entry in sorted.iter().take(top) {
        let about = cells(entry).map(|cell| printable(&cell).into_owned());
        row(&mut table, &printable(entry.name), &about, entry.sum);
    }
    let mut rest = rows.beyond;
    sorted.iter().skip(top).for_each(|entry| rest.add(entry.sum));
    if rest.alerts > 0 {
        let others = sorted.len().saturating_sub(top);
        let name = if rows.beyond.alerts > 0 {
            format!("{others} others, and those after the first {}", rows.len())
        } else {
            format!("{others} others")
        };
        row(&mut table, &name, &columns.map(|_| String::new()), &rest);
    }
    print(text, &table);
}

fn headed(what: &str, columns: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    let numbers = ["alerts", "packets", "bytes", "first seen", "last seen"];
    table.set_header([what].iter().chain(columns).chain(&numbers).map(|name| name.to_uppercase()));
    for number in 0..3 {
        if let Some(column) = table.column_mut(columns.len() + 1 + number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn row(table: &mut Table, name: &str, about: &[String], sum: &Sum) {
    let mut cells = vec![name.to_owned()];
    cells.extend_from_slice(about);
    cells.extend([sum.alerts.to_string(), sum.packets.to_string(), bytes(sum.bytes)]);
    cells.extend([second(sum.first), second(sum.last)]);
    table.add_row(cells);
}

fn lists(text: &mut String, tally: &Tally) {
    if tally.lists.is_empty() {
        return;
    }
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["LIST", "LABEL", "PACKETS", "SHA-256"]);
    if let Some(column) = table.column_mut(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for entry in tally.lists.sorted() {
        let about = entry.about;
        let [list, label, sha256] =
            [&about.list, &about.label, &about.sha256].map(|text| printable(text).into_owned());
        table.add_row([list, label, entry.sum.packets.to_string(), sha256]);
    }
    print(text, &table);
}

fn over_time(text: &mut String, tally: &Tally) {
    let (step, steps) = tally.timeline.steps(STEPS);
    let most = steps.iter().map(|(_, step)| step.total()).max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["FROM", "PACKETS", "LOST", &format!("EACH {}", duration(step).to_uppercase())]);
    for number in 1..3 {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for (start, step) in steps {
        let packets = step.total();
        // Something is never drawn as nothing.
        let length = (u128::from(packets) * u128::from(BAR)).div_ceil(u128::from(most));
        let bar = "#".repeat(usize::try_from(length).unwrap_or(0));
        let lost = if step.lost > 0 { step.lost.to_string() } else { String::new() };
        table.add_row([date(start), packets.to_string(), lost, bar]);
    }
    print(text, &table);
}

fn date(second: i64) -> String {
    let date = jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::MIN);
    date.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn print(text: &mut String, table: &impl Display) {
    text.push('\n');
    for line in table.to_string().lines() {
        text.push_str(line.trim_end().strip_prefix(' ').unwrap_or(line.trim_end()));
        text.push('\n');
    }
}
