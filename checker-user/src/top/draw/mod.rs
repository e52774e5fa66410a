//! State → what is seen. Panes give way from the least to the most important one as the terminal gets smaller; what was
//! lost and what is wrong stay.

mod ink;
mod header;
mod labels;
mod flows;
mod details;
mod help;
mod footer;

pub(super) use ink::Ink;
use ratatui::{
    Frame,
    layout::{Constraint, Layout},
};

use super::state::{Front, Top};

/// Lines of the table that are worth more than a label's line: heads and a few flows.
const FEW_FLOWS: usize = 5;

/// Draws everything.
pub(super) fn draw(top: &mut Top, ink: Ink, frame: &mut Frame<'_>) {
    let area = frame.area();
    let height = usize::from(area.height);
    let header = header::lines(top, ink, usize::from(area.width));
    let heading = header.len().min(height.saturating_sub(1));
    let room = height.saturating_sub(heading + 1);
    let labelled = labels::count(top).min(room.saturating_sub(FEW_FLOWS));
    let [above, middle, below, last] = Layout::vertical([
        Constraint::Length(heading as u16),
        Constraint::Length(labelled as u16),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    header::draw(header, frame, above);
    if labelled > 0 {
        labels::draw(top, ink, frame, middle);
    }
    match top.front {
        Front::Table | Front::Filter(_) => flows::draw(top, ink, frame, below),
        Front::Details => details::draw(top, ink, frame, below),
        Front::Help => help::draw(ink, frame, below),
    }
    footer::draw(top, ink, frame, last);
}
