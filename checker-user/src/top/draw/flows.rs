//! The table of flows: all columns where they have room, the less important ones left out where they have not, and none
//! of them cut.

use ratatui::{
    Frame,
    layout::{Constraint, Rect},
    style::Style,
    text::Text,
    widgets::{Cell, Row, Table},
};

use super::Ink;
use crate::{
    control::flow::FlowRow,
    top::{column::Column, state::Top},
};

/// Left out in this order.
const LEAST: [Column; 8] = [
    Column::Range,
    Column::Interface,
    Column::Bytes,
    Column::Protocol,
    Column::Last,
    Column::Rate,
    Column::Label,
    Column::Packets,
];

pub(super) fn draw(top: &mut Top, ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    top.fit(usize::from(area.height).saturating_sub(1));
    let seen: Vec<&FlowRow> =
        top.shown.iter().skip(top.offset).take(top.page).map(|index| &top.flows[*index]).collect();
    let columns = fitting(top, &seen, usize::from(area.width));
    let cell = |column: Column, text: String| {
        let text = Text::raw(text);
        Cell::from(if column.is_number() { text.right_aligned() } else { text })
    };
    let heads = columns.iter().map(|(column, _)| cell(*column, head(*column, top)));
    let chosen = top.line();
    let rows = seen.iter().zip(top.offset..).map(|(flow, line)| {
        let cells = columns.iter().map(|(column, _)| cell(*column, column.cell(flow, &top.rates, top.now)));
        Row::new(cells).style(if line == chosen { ink.inverse() } else { Style::new() })
    });
    let widths = columns.iter().map(|(_, width)| Constraint::Length(*width as u16));
    let table = Table::new(rows, widths).header(Row::new(heads).style(ink.inverse())).column_spacing(1);
    frame.render_widget(table, area);
}

fn head(column: Column, top: &Top) -> String {
    let mark = match (column == top.sort, top.falling) {
        (false, _) => "",
        (true, true) => "▼",
        (true, false) => "▲",
    };
    format!("{}{mark}", column.head())
}

/// The columns that fit, and how wide they are.
fn fitting(top: &Top, seen: &[&FlowRow], room: usize) -> Vec<(Column, usize)> {
    let wide = |column: Column| {
        let cells = seen.iter().map(|flow| column.cell(flow, &top.rates, top.now).chars().count());
        cells.chain([head(column, top).chars().count()]).max().unwrap_or_default()
    };
    let mut columns: Vec<_> = Column::ALL.map(|column| (column, wide(column))).into();
    for least in LEAST {
        if columns.iter().map(|(_, width)| width + 1).sum::<usize>() <= room + 1 {
            break;
        }
        columns.retain(|(column, _)| *column != least);
    }
    columns
}
