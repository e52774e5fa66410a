//! The keys.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::Ink;
use crate::top::keys::HELP;

pub(super) fn draw(ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    let lines = HELP.iter().map(|(keys, what)| {
        Line::from(vec![Span::styled(format!("{keys:>20}  "), ink.name()), Span::raw(*what)])
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
}
