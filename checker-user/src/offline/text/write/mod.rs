//! A line with its hits → what is printed of it.

pub mod human;
mod alert;
mod clean;

use super::hits::Line;
use crate::{alerts::write::Format, offline::judge::Judge};

/// In which form findings are printed.
#[derive(Clone, Debug)]
pub enum Form {
    /// Lines of the input, as grep prints them.
    Human(human::Human),
    /// JSON of this form, one line an address.
    Alerts(Format),
    /// Nothing line by line; the number of lines at the end of each file.
    Count,
}

impl Form {
    /// Puts what is printed of `line` behind what `out` holds already; `file` is its input's name.
    pub fn write(&self, line: &Line<'_>, file: &str, judge: &Judge, out: &mut Vec<u8>) {
        match self {
            Self::Human(human) => human.write(line, file, judge, out),
            Self::Alerts(format) => alert::write(line, file, judge, *format, out),
            Self::Count => {}
        }
    }
}
