//! Cells of a line that stand under those of the lines above.

use std::io::{self, Write as _};

use anstyle::Style;

/// A line that is being written. What is wider than its cell is not cut: it takes from the padding of the cells behind
/// it, so that the columns meet again as soon as they can.
pub(super) struct Columns<'a> {
    line: &'a mut Vec<u8>,
    /// Characters that cells took beyond their width and no padding has given back.
    owed: usize,
}

impl<'a> Columns<'a> {
    pub(super) const fn new(line: &'a mut Vec<u8>) -> Self {
        Self { line, owed: 0 }
    }

    /// A cell whose text begins where the cell does, and a blank.
    pub(super) fn left(&mut self, style: Style, text: &str, width: usize) -> io::Result<()> {
        let padding = self.padding(text, width);
        write!(self.line, "{style}{text}{style:#}{:padding$} ", "")
    }

    /// A cell whose text ends where the cell does, and a blank.
    pub(super) fn right(&mut self, style: Style, text: &str, width: usize) -> io::Result<()> {
        let padding = self.padding(text, width);
        write!(self.line, "{:padding$}{style}{text}{style:#} ", "")
    }

    fn padding(&mut self, text: &str, width: usize) -> usize {
        let length = text.chars().count();
        self.owed += length.saturating_sub(width);
        let padding = width.saturating_sub(length);
        let back = padding.min(self.owed);
        self.owed -= back;
        padding - back
    }
}
