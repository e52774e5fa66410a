//! Lines as grep prints them. What is piped is the log's own bytes; what a terminal sees is cleaned, coloured, and
//! says which range each address lies in.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};

use super::clean::clean;
use crate::{
    offline::{
        judge::Judge,
        text::hits::{Hit, Line},
    },
    printable::printable,
};

const ADDRESS: Style = AnsiColor::Red.on_default().bold();
const FILE: Style = AnsiColor::Magenta.on_default();
const NUMBER: Style = AnsiColor::Green.on_default();
const DIM: Style = Style::new().dimmed();

/// What of a line is printed.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Human {
    /// The file's name first.
    pub file_name: bool,
    /// Then the line's number.
    pub line_number: bool,
    /// Each address on a line of its own instead of its line.
    pub only_matching: bool,
    /// For a terminal: cleaned, and with the ranges.
    pub explained: bool,
    /// With colours.
    pub coloured: bool,
}

impl Human {
    pub(super) fn write(&self, line: &Line<'_>, file: &str, judge: &Judge, out: &mut Vec<u8>) {
        if !self.only_matching {
            self.one(line, line.text, line.hits, file, judge, out);
            return;
        }
        for hit in line.hits {
            let own = Hit { start: 0, end: hit.end - hit.start, ..*hit };
            self.one(line, &line.text[hit.start..hit.end], &[own], file, judge, out);
        }
    }

    fn one(
        &self,
        line: &Line<'_>,
        text: &[u8],
        hits: &[Hit<'_>],
        file: &str,
        judge: &Judge,
        out: &mut Vec<u8>,
    ) {
        if self.file_name {
            if self.explained {
                self.styled(FILE, printable(file).as_bytes(), out);
            } else {
                out.extend_from_slice(file.as_bytes());
            }
            out.push(b':');
        }
        if self.line_number {
            self.styled(NUMBER, line.number.to_string().as_bytes(), out);
            out.push(b':');
        }
        if self.explained {
            self.explain(text, hits, judge, out);
        } else {
            out.extend_from_slice(text);
        }
        out.push(b'\n');
    }

    fn explain(&self, text: &[u8], hits: &[Hit<'_>], judge: &Judge, out: &mut Vec<u8>) {
        let mut at = 0;
        for hit in hits {
            clean(&text[at..hit.start], out);
            self.styled(ADDRESS, &text[hit.start..hit.end], out);
            at = hit.end;
        }
        // A line that ends as in DOS has nothing to hide.
        clean(text[at..].strip_suffix(b"\r").unwrap_or(&text[at..]), out);
        let mut ranges: Vec<_> = Vec::new();
        for hit in hits {
            let matched = judge.generation.explain(hit.range);
            let list = printable(matched.list);
            let range = format!("{} {}, {list}:{}", matched.label, matched.prefix, matched.line);
            if !ranges.contains(&range) {
                ranges.push(range);
            }
        }
        if !ranges.is_empty() {
            out.push(b' ');
            self.styled(DIM, format!("({})", ranges.join("; ")).as_bytes(), out);
        }
    }

    fn styled(&self, style: Style, text: &[u8], out: &mut Vec<u8>) {
        if !self.coloured {
            out.extend_from_slice(text);
            return;
        }
        let _infallible = write!(out, "{style}");
        out.extend_from_slice(text);
        let _infallible = write!(out, "{style:#}");
    }
}
