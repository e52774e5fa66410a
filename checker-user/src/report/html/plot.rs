//! Packets over time as columns, a colour a label; a mark above a column in which something was lost.

use maud::{Markup, html};

use super::page::{each, grouped};
use crate::{
    printable::printable,
    report::timeline::{LABELS, Step, Timeline},
};

/// Most columns.
const COLUMNS: usize = 120;

/// Of the drawing, in its own units.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 200.0;
/// Room above the columns for marks, and below for times.
const ABOVE: f64 = 22.0;
const BELOW: f64 = 20.0;

pub(super) fn plot(timeline: &Timeline) -> Markup {
    let (length, steps) = timeline.steps(COLUMNS);
    let most = steps.iter().map(|(_, step)| step.total()).max().unwrap_or(0);
    let (Some((first, _)), Some((last, _))) = (steps.first(), steps.last()) else { return html! {} };
    let column = WIDTH / steps.len() as f64;
    let lost = steps.iter().any(|(_, step)| step.lost > 0);
    let others = steps.iter().any(|(_, step)| step.packets[LABELS] > 0);
    html! {
        h2 { "Over time" }
        svg viewBox={ "0 0 " (WIDTH) " " (ABOVE + HEIGHT + BELOW) } role="img" aria-label="Packets over time" {
            text x="0" y="12" { (grouped(most)) " packets at most, " (each(length)) }
            @for (number, (start, step)) in steps.iter().enumerate() {
                g {
                    title { (date(*start)) ": " (grouped(step.total())) " packets, " (grouped(step.lost)) " lost" }
                    (stack(step, number as f64 * column, column, most))
                }
            }
            line .axis x1="0" x2=(WIDTH) y1=(ABOVE + HEIGHT) y2=(ABOVE + HEIGHT) {}
            text x="0" y=(ABOVE + HEIGHT + 15.0) { (date(*first)) }
            @if steps.len() > 1 {
                text x=(WIDTH) y=(ABOVE + HEIGHT + 15.0) text-anchor="end" { (date(last + length)) }
            }
        }
        div .legend {
            @for (number, label) in timeline.labels().iter().enumerate() {
                span { i class={ "f" (number) } {} (printable(label)) }
            }
            @if others { span { i class={ "f" (LABELS) } {} "other labels" } }
            @if lost { span { i .fl {} "something was lost then" } }
        }
    }
}

fn stack(step: &Step, left: f64, width: f64, most: u64) -> Markup {
    let gap = if width > 3.0 { 1.0 } else { 0.0 };
    let mut top = ABOVE + HEIGHT;
    let mut parts = Vec::new();
    for (number, packets) in step.packets.iter().enumerate().filter(|(_, packets)| **packets > 0) {
        // Something is never drawn as nothing.
        let height = (*packets as f64 / most.max(1) as f64 * HEIGHT).max(1.0);
        top -= height;
        parts.push((number, top, height));
    }
    html! {
        // All of the column can be pointed at.
        rect x=(round(left)) y=(ABOVE) width=(round(width)) height=(HEIGHT) fill="transparent" {}
        @for (number, top, height) in parts {
            rect class={ "f" (number) } x=(round(left)) y=(round(top)) width=(round(width - gap)) height=(round(height)) {}
        }
        @if step.lost > 0 {
            rect .fl x=(round(left)) y=(ABOVE - 6.0) width=(round((width - gap).max(2.0))) height="4" {}
        }
    }
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn date(second: i64) -> String {
    let date = jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::MAX);
    date.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
