//! The last line: the filter while it is typed, otherwise the keys and how much of the table is seen.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::Ink;
use crate::{
    printable::printable,
    top::{
        sieve::Sieve,
        state::{Front, Top},
    },
};

const KEYS: [(&str, &str); 6] =
    [("F1", "Help"), ("F4", "Filter"), ("F6", "Sort"), ("Enter", "Details"), ("p", "Pause"), ("F10", "Quit")];

pub(super) fn draw(top: &Top, ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    if let Front::Filter(_) = top.front {
        let mut spans = vec![Span::styled(format!("filter: {}▏", printable(&top.filter)), ink.strong())];
        if let Sieve::Wrong(why) = &top.sieve {
            spans.push(Span::styled(format!("  {}", printable(why)), ink.odd()));
        }
        frame.render_widget(Paragraph::new(Line::from(spans)), area);
        return;
    }
    let mut spans = Vec::new();
    if top.paused {
        spans.push(Span::styled("PAUSED ", ink.odd()));
    }
    if let Sieve::Wrong(why) = &top.sieve {
        spans.push(Span::styled(format!("{} ", printable(why)), ink.odd()));
    }
    let flows = if top.filter.is_empty() {
        format!("{} flows ", top.flows.len())
    } else {
        format!("{} of {} flows: {} ", top.shown.len(), top.flows.len(), printable(&top.filter))
    };
    spans.push(Span::raw(flows));
    for (key, word) in KEYS {
        spans.push(Span::raw(format!(" {key}")));
        spans.push(Span::styled(word, ink.inverse()));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}
