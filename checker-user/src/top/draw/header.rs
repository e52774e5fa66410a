//! What is watched, how fast packets come, what became of them, and what is wrong.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::Ink;
use crate::{
    command::account::share,
    control::status::{CanaryState, HookStatus, InterfaceStatus, Status},
    printable::printable,
    top::{
        column::{ago, count, speed},
        state::Top,
    },
};

/// Most reasons that have a line; the last one says how many more there are.
const REASONS: usize = 3;

pub(super) fn draw(lines: Vec<Line<'static>>, frame: &mut Frame<'_>, area: Rect) {
    frame.render_widget(Paragraph::new(lines), area);
}

/// The lines, the most important ones first.
pub(super) fn lines(top: &Top, ink: Ink, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(trouble) = &top.trouble {
        let text = format!("NO ANSWER: {}; asking again", one_line(trouble));
        lines.push(Line::styled(text, ink.grave()));
    }
    let Some(status) = &top.status else {
        if lines.is_empty() {
            lines.push(Line::raw("asking the daemon …"));
        }
        return lines;
    };
    lines.push(first(status, top, ink));
    lines.push(account(status, ink));
    lines.extend(reasons(&status.unhealthy, ink));
    lines.push(packets(status, top, ink));
    lines.push(interfaces(status, ink));
    for line in &mut lines {
        shorten(line, width);
    }
    lines
}

fn first(status: &Status, top: &Top, ink: Ink) -> Line<'static> {
    let up = ago(top.now.duration_since(status.started.0).as_secs());
    let mut spans = vec![
        Span::styled(format!("checker {}", one_line(&status.version)), ink.strong()),
        Span::raw(format!(
            "  pid {}  up {up}  generation {}: {} lists, {} IPv4 and {} IPv6 ranges  canary ",
            status.pid, status.generation, status.lists, status.ranges_v4, status.ranges_v6
        )),
    ];
    let (word, style) = match status.canary.state {
        CanaryState::Found => ("found", ink.good()),
        CanaryState::Absent => ("none", ink.odd()),
        CanaryState::Missed => ("NOT FOUND", ink.grave()),
        CanaryState::NotRun => ("NOT RUN", ink.grave()),
    };
    spans.push(Span::styled(word, style));
    Line::from(spans)
}

fn interfaces(status: &Status, ink: Ink) -> Line<'static> {
    let mut spans = Vec::new();
    for InterfaceStatus { name, ingress, egress, promiscuous, up, .. } in &status.interfaces {
        spans.push(Span::styled(printable(name).into_owned(), ink.name()));
        for (hook, way) in [(ingress, ""), (egress, "egress ")] {
            let Some(HookStatus { mode, attached, .. }) = hook else { continue };
            spans.push(Span::raw(format!(" {way}{mode}")));
            if !attached {
                spans.push(Span::styled(" NOT ATTACHED", ink.grave()));
            }
        }
        if *promiscuous {
            spans.push(Span::raw(" promiscuous"));
        }
        if !up {
            spans.push(Span::styled(" DOWN", ink.odd()));
        }
        spans.push(Span::raw("  "));
    }
    if spans.is_empty() {
        spans.push(Span::styled("no interface is watched any more", ink.grave()));
    }
    Line::from(spans)
}

fn packets(status: &Status, top: &Top, ink: Ink) -> Line<'static> {
    let account = &status.account;
    let outcome = |name: &str| count(account.outcomes.get(name).copied().unwrap_or(0));
    let matched: f64 = top.rates.labels.values().map(|rate| rate.now).sum();
    Line::from(vec![
        Span::raw("packets  "),
        Span::styled(format!("{}/s", speed(top.rates.packets.now)), ink.strong()),
        Span::raw(format!("  seen {}  judged ", count(account.seen))),
        Span::styled(share(account.judged, account.seen), ink.strong()),
        Span::raw(format!("  compliant {}  allowed {}", outcome("compliant"), outcome("allowed"))),
        Span::raw("  restricted "),
        Span::styled(format!("{}/s", speed(matched)), ink.strong()),
    ])
}

/// What was lost first: it is seen on the narrowest terminal.
fn account(status: &Status, ink: Ink) -> Line<'static> {
    let total = &status.account.total;
    let lost = total.lost.total();
    let causes = [
        ("ring full", total.lost.ring_full),
        ("reader too slow", total.lost.reader_too_slow),
        ("flow evicted", total.lost.flow_evicted),
        ("output failed", total.lost.sink_failed),
    ];
    let causes: Vec<_> = causes
        .into_iter()
        .filter(|(_, packets)| *packets > 0)
        .map(|(cause, packets)| format!("{cause} {}", count(packets)))
        .collect();
    let causes = if causes.is_empty() { String::new() } else { format!(" ({})", causes.join(", ")) };
    let mut rest = format!(
        " of matched {}: emitted {}, aggregated {}, suppressed {}",
        count(total.matched),
        count(total.emitted),
        count(total.aggregated),
        count(total.suppressed)
    );
    if total.queued > 0 {
        rest += &format!(", queued {}", count(total.queued));
    }
    Line::from(vec![
        Span::raw("account  "),
        Span::styled(
            format!("lost {}{causes}", count(lost)),
            if lost > 0 { ink.grave() } else { ink.good() },
        ),
        Span::raw(rest),
    ])
}

fn reasons(reasons: &[String], ink: Ink) -> Vec<Line<'static>> {
    let all = reasons.len() <= REASONS;
    let seen = if all { reasons.len() } else { REASONS - 1 };
    let mut lines: Vec<_> = reasons
        .iter()
        .take(seen)
        .map(|reason| Line::styled(format!("NOT HEALTHY: {}", one_line(reason)), ink.grave()))
        .collect();
    if !all {
        let more = format!("NOT HEALTHY: {} reasons more; see checker status", reasons.len() - seen);
        lines.push(Line::styled(more, ink.grave()));
    }
    lines
}

fn one_line(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("; ")
}

/// A line that does not fit ends with a sign that it goes on.
fn shorten(line: &mut Line<'static>, width: usize) {
    let mut room = width;
    for at in 0..line.spans.len() {
        let span = &mut line.spans[at];
        if span.width() <= room {
            room -= span.width();
            continue;
        }
        let kept: String = span.content.chars().take(room.saturating_sub(1)).collect();
        span.content = format!("{kept}…").into();
        line.spans.truncate(at + 1);
        return;
    }
}
