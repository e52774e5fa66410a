//! The page, from top to bottom: what, how much, what is not in it, what it means, when, who, and on whose word.

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{plot::plot, table::table};
use crate::{
    printable::printable,
    report::{
        notes::{left_out, losses},
        read::{Reading, Wanted},
        tally::Tally,
        units::{bytes, duration, second},
    },
};

/// Nothing may be loaded, and nothing run, whatever a name in a log may hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The whole page; tables of many rows end after `top`.
#[must_use]
pub fn page(reading: &Reading, tally: &Tally, wanted: &Wanted, top: usize) -> String {
    let title = "Restricted address ranges: what was seen";
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="referrer" content="no-referrer";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                header {
                    h1 { (title) }
                    p .soft { (period(tally, wanted)) }
                }
                main {
                    (numbers(tally))
                    (missing(tally))
                    (meaning())
                    (plot(&tally.timeline))
                    (tables(tally, top))
                    (sources(reading, tally, wanted))
                }
                footer {
                    "Made by checker " (env!("CARGO_PKG_VERSION")) " on "
                    (Timestamp::now().strftime("%Y-%m-%d %H:%M").to_string()) " UTC. All times are UTC."
                }
            }
        }
    };
    page.into_string()
}

fn period(tally: &Tally, wanted: &Wanted) -> String {
    let asked = |what: &str, time: Option<Timestamp>| {
        time.map(|time| format!(", {what} {}", time.strftime("%Y-%m-%d %H:%M:%S"))).unwrap_or_default()
    };
    let mut period = match (tally.total.first, tally.total.last) {
        (Some(first), Some(last)) => {
            format!("{} to {} UTC", second(Some(first)), second(Some(last)))
        }
        _ => "no alert".to_owned(),
    };
    period += &asked("of what is since", wanted.since);
    period += &asked("of what is before", wanted.until);
    period
}

fn numbers(tally: &Tally) -> Markup {
    let exactly = |count: usize, beyond: u64| {
        if beyond > 0 { format!("over {}", grouped(count as u64)) } else { grouped(count as u64) }
    };
    let total = &tally.total;
    html! {
        div .numbers {
            div { b { (grouped(total.alerts)) } "alerts" }
            div { b { (grouped(total.packets)) } "packets" }
            div { b { (bytes(total.bytes)) } "of traffic" }
            div { b { (exactly(tally.machines.len(), tally.machines.beyond.alerts)) } "machines" }
            div { b { (exactly(tally.addresses.len(), tally.addresses.beyond.alerts)) } "restricted addresses" }
            div { b { (grouped(tally.lost())) } "packets lost" }
        }
    }
}

fn missing(tally: &Tally) -> Markup {
    let missing = tally.gaps.missing();
    let bad = !tally.losses.is_empty() || missing.within + missing.between + missing.twice > 0;
    html! {
        div .box .bad[bad] {
            p { strong { @if bad { "Not everything is in this report" } @else { "Nothing is known to be missing" } } }
            @for line in losses(tally) { p { (line) } }
        }
    }
}

fn meaning() -> Markup {
    html! {
        div .box .plain {
            p {
                "A hit means that a packet carried an address that lies in a range of one of the lists below: a range that is, on "
                "the word of that list, registered in a region or to somebody that it names. "
                "It does not say where a machine stands, who uses it, or that anything is forbidden: addresses are leased, moved, "
                "routed elsewhere and forged, and lists grow old. These are facts to review, and no legal advice."
            }
        }
    }
}

fn tables(tally: &Tally, top: usize) -> Markup {
    html! {
        (table("By label", "Label", [], &tally.labels, usize::MAX, |_| []))
        (table("By machine", "Machine", ["MAC", "Site", "Vendor"], &tally.machines, top, |entry| {
            let about = entry.about;
            let mac = about.mac.as_deref().filter(|_| about.known);
            [mac, about.site.as_deref(), about.vendor.as_deref()].map(|text| text.unwrap_or_default().to_owned())
        }))
        (table("By restricted address", "Address", ["Label", "Range"], &tally.addresses, top, |entry| {
            [entry.about.label.clone(), entry.about.prefix.clone().unwrap_or_default()]
        }))
        (table("By service", "Service", [], &tally.services, top, |_| []))
        @if !tally.lists.is_empty() {
            h2 { "On whose word: the lists" }
            div .wide {
                table {
                    thead { tr { th { "List" } th { "Label" } th .n { "Packets" } th { "SHA-256 of its content" } } }
                    tbody {
                        @for entry in tally.lists.sorted() {
                            tr {
                                td { (printable(&entry.about.list)) }
                                td { (printable(&entry.about.label)) }
                                td .n { (grouped(entry.sum.packets)) }
                                td { code { (printable(&entry.about.sha256)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn sources(reading: &Reading, tally: &Tally, wanted: &Wanted) -> Markup {
    html! {
        h2 { "Where this comes from" }
        p { (grouped(reading.lines)) " lines of " (reading.files.len()) " files:" }
        ul { @for file in &reading.files { li { code { (printable(file)) } } } }
        @if let Some(filter) = &wanted.filter { p { "Filter: " code { (printable(&filter.to_string())) } } }
        @for line in left_out(reading, tally) { p .soft { (line) } }
    }
}

/// `1 234 567`, with spaces that do not break.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// `one column is 10 minutes`.
pub(super) fn each(step: i64) -> String {
    format!("one column is {}", duration(step))
}
