//! A line a label: how much was met, how fast, and how that was in the last minutes.

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::{Paragraph, Sparkline},
};

use super::Ink;
use crate::{
    control::account::LabelRow,
    top::{
        column::{count as counted, speed},
        state::Top,
    },
};

/// Most labels that have a line.
const MOST: usize = 6;

/// Columns of the words; the rest is for the line that jumps.
const WORDS: u16 = 58;

/// Lines that are wanted.
pub(super) fn count(top: &Top) -> usize {
    top.status.as_ref().map_or(0, |status| status.account.labels.len().min(MOST))
}

pub(super) fn draw(top: &Top, ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    let Some(status) = &top.status else { return };
    let mut labels: Vec<&LabelRow> = status.account.labels.iter().collect();
    let rate = |label: &LabelRow| {
        let key = (label.label.as_str().to_owned(), label.action.to_string());
        top.rates.labels.get(&key)
    };
    // The busiest ones, where not all have room.
    labels.sort_by(|one, other| {
        let now = |label| rate(label).map_or(0.0, |rate| rate.now);
        now(other).total_cmp(&now(one)).then_with(|| other.row.matched.cmp(&one.row.matched))
    });
    let lines = Layout::vertical(vec![Constraint::Length(1); usize::from(area.height)]).split(area);
    for (label, line) in labels.into_iter().zip(lines.iter()) {
        let [words, past] = Layout::horizontal([Constraint::Max(WORDS), Constraint::Min(0)]).areas(*line);
        let row = &label.row;
        let name: String = label.label.as_str().chars().take(16).collect();
        let mut spans = vec![
            Span::styled(format!("{name:16}"), ink.name()),
            Span::raw(format!(
                " {:5} {:>7}/s  matched {:>7}",
                label.action.to_string(),
                speed(rate(label).map_or(0.0, |rate| rate.now)),
                counted(row.matched)
            )),
        ];
        if row.lost.total() > 0 {
            spans.push(Span::styled(format!(" lost {}", counted(row.lost.total())), ink.grave()));
        }
        frame.render_widget(Paragraph::new(Line::from(spans)), words);
        if let Some(rate) = rate(label) {
            let data: Vec<u64> =
                rate.past.iter().rev().take(usize::from(past.width)).rev().copied().collect();
            frame.render_widget(Sparkline::default().data(data).style(ink.odd()), past);
        }
    }
}
