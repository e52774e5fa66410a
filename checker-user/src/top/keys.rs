//! What a key does: as in htop and bpftop where they have one for it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{
    column::Column,
    state::{Front, Top},
};

/// The keys, for the help and for the documentation.
pub(super) const HELP: [(&str, &str); 12] = [
    ("↑ ↓ j k", "choose a flow"),
    ("PgUp PgDn Home End", "a page, the first, the last"),
    ("Enter", "details of the chosen flow"),
    ("< >", "sort by the column to the left, to the right"),
    ("s F6", "sort by the next column"),
    ("I r", "sort the other way round"),
    ("P B L T", "sort by packets, bytes, last seen, speed"),
    ("/ F4", "only flows with these words, or of a filter: port=623"),
    ("p Space", "pause: nothing moves until the next p"),
    ("? h F1", "this help"),
    ("Esc", "back; in the table: drop the filter"),
    ("q F10 Ctrl-C", "end"),
];

/// Carries out a key; `true` ends.
pub(super) fn press(top: &mut Top, key: KeyEvent) -> bool {
    if key.kind == KeyEventKind::Release {
        return false;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return matches!(key.code, KeyCode::Char('c'));
    }
    match &top.front {
        Front::Filter(_) => {
            type_filter(top, key.code);
            false
        }
        Front::Table | Front::Details | Front::Help => command(top, key.code),
    }
}

fn type_filter(top: &mut Top, key: KeyCode) {
    let Front::Filter(before) = &top.front else { return };
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other keys do nothing here")]
    match key {
        KeyCode::Enter => top.front = Front::Table,
        KeyCode::Esc => {
            top.filter.clone_from(before);
            top.front = Front::Table;
        }
        KeyCode::Backspace => {
            top.filter.pop();
        }
        KeyCode::Char(c) if !c.is_control() && top.filter.len() < 256 => top.filter.push(c),
        _ => return,
    }
    top.sift();
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other keys do nothing")]
fn command(top: &mut Top, key: KeyCode) -> bool {
    let page = isize::try_from(top.page).unwrap_or(1);
    match key {
        KeyCode::Char('q') | KeyCode::F(10) => return true,
        KeyCode::Char('?' | 'h') | KeyCode::F(1) => {
            top.front = if top.front == Front::Help { Front::Table } else { Front::Help };
        }
        KeyCode::Esc if top.front == Front::Table => {
            top.filter.clear();
            top.sift();
        }
        KeyCode::Esc | KeyCode::Left => top.front = Front::Table,
        KeyCode::Enter if top.front == Front::Table && top.chosen().is_some() => {
            // Held on to, wherever the next answer puts it.
            top.step(0);
            top.front = Front::Details;
        }
        KeyCode::Enter => top.front = Front::Table,
        KeyCode::Char('/') | KeyCode::F(4) => top.front = Front::Filter(top.filter.clone()),
        KeyCode::Char('p' | ' ') => top.paused = !top.paused,
        KeyCode::Down | KeyCode::Char('j') => top.step(1),
        KeyCode::Up | KeyCode::Char('k') => top.step(-1),
        KeyCode::PageDown => top.step(page),
        KeyCode::PageUp => top.step(-page),
        KeyCode::Home | KeyCode::Char('g') => top.step(isize::MIN),
        KeyCode::End | KeyCode::Char('G') => top.step(isize::MAX),
        KeyCode::Char('>' | '.' | 's') | KeyCode::F(6) => top.sort_beside(true),
        KeyCode::Char('<' | ',') => top.sort_beside(false),
        KeyCode::Char('I' | 'r') => top.sort_by(top.sort),
        KeyCode::Char('P') => top.sort_by(Column::Packets),
        KeyCode::Char('B') => top.sort_by(Column::Bytes),
        KeyCode::Char('L') => top.sort_by(Column::Last),
        KeyCode::Char('T') => top.sort_by(Column::Rate),
        _ => {}
    }
    false
}
