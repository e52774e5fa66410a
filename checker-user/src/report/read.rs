//! Files → lines → tally. What is no record is counted and named, the first ten of it; the rest is used all the same.

use std::{
    fmt::Display,
    io::{self, BufRead, BufReader, Read as _},
};

use indicatif::ProgressBar;
use jiff::Timestamp;

use super::tally::Tally;
use crate::{
    alerts::{filter::Filter, line::Line},
    offline::input::{Kind, Target},
    printable::printable,
};

/// Longest line that can be a record, in bytes.
const LONGEST: u64 = 1 << 18;

/// Lines that are named.
const NAMED: usize = 10;

/// Which records are counted.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Those since then.
    pub since: Option<Timestamp>,
    /// Those before then.
    pub until: Option<Timestamp>,
    /// Those that it shows.
    pub filter: Option<Filter>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Reading {
    /// Names of the files that could be read.
    pub files: Vec<String>,
    /// Lines that hold something.
    pub lines: u64,
    /// Lines that are no record.
    pub bad: u64,
    /// The first of these, with file, number and reason; safe to show.
    pub named: Vec<String>,
    /// Whether a file could not be read, or not to its end.
    pub failed: bool,
}

/// Reads all of `targets`. One that cannot be read is said in the log.
pub fn read(targets: &[Target], wanted: &Wanted, progress: &ProgressBar) -> (Reading, Tally) {
    let (mut reading, mut tally) = (Reading::default(), Tally::default());
    for target in targets {
        let name = target.name();
        let ended = target.open(progress).and_then(|input| match input.kind {
            Kind::Text => {
                reading.files.push(name.clone());
                file(&name, BufReader::new(input.reader), wanted, &mut reading, &mut tally)
            }
            Kind::Capture => Err(io::Error::other("it is a capture; checker scan reads those")),
        });
        tally.gaps.end();
        if let Err(error) = ended {
            reading.failed = true;
            progress.suspend(|| tracing::error!("{}: cannot be read: {error}", printable(&name)));
        }
    }
    (reading, tally)
}

fn file(
    name: &str,
    mut input: impl BufRead,
    wanted: &Wanted,
    reading: &mut Reading,
    tally: &mut Tally,
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        if input.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        number += 1;
        let whole = line.last() == Some(&b'\n') || (line.len() as u64) < LONGEST;
        if !whole {
            input.skip_until(b'\n')?;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        reading.lines += 1;
        let read =
            if whole { record(&line, wanted, tally) } else { Err("longer than any record".to_owned()) };
        if let Err(why) = read {
            reading.bad(name, number, &why);
        }
    }
}

fn record(line: &[u8], wanted: &Wanted, tally: &mut Tally) -> Result<(), String> {
    let record: Line<'_> = serde_json::from_slice(line).map_err(|error| {
        // The number of the line is another one.
        let error = error.to_string();
        error.split(" at line ").next().unwrap_or(&error).to_owned()
    })?;
    let time = record.timestamp.0;
    if wanted.since.is_some_and(|since| time < since) || wanted.until.is_some_and(|until| time >= until) {
        tally.outside += 1;
        return Ok(());
    }
    if let Some(number) = record.checker.as_ref().and_then(|details| details.seq) {
        tally.gaps.alert(number, record.timestamp);
    }
    if wanted.filter.as_ref().is_some_and(|filter| !filter.shows(&record)) {
        tally.filtered += 1;
        return Ok(());
    }
    tally.add(&record)
}

impl Reading {
    fn bad(&mut self, name: &str, number: u64, why: &impl Display) {
        self.bad += 1;
        if self.named.len() < NAMED {
            self.named.push(printable(&format!("{name}:{number}: {why}")).into_owned());
        }
    }

    /// Whether there was something and nothing of it was a record.
    #[must_use]
    pub const fn useless(&self) -> bool {
        self.lines > 0 && self.lines == self.bad
    }
}
