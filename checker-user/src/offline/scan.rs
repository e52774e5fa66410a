//! One input after the other: opened, judged by whoever reads its kind, counted.

use std::{
    io::{self, Read, Write as _},
    num::NonZero,
};

use anstream::adapter::strip_bytes;
use indicatif::ProgressBar;

use super::{
    capture::{self, Captures, account::Account, judge::View, record::Broken},
    input::{Kind, Target},
    judge::Judge,
    summary::{Summary, Tally},
    text::{
        blocks::{Block, Blocks},
        hits::{Wanted, lines},
        workers::{self, Failure},
        write::Form,
    },
};
use crate::{alerts::write::Format, printable::printable, ranges::classes::Classes};

/// What is asked for.
#[derive(Debug)]
pub struct Settings {
    /// What addresses are looked up in.
    pub judge: Judge,
    /// The labels of its classes.
    pub classes: Classes,
    /// Which addresses of packets are looked at.
    pub view: View,
    /// Which lines are printed or counted.
    pub wanted: Wanted,
    /// Whether a count says of which file.
    pub file_name: bool,
    /// How they are printed.
    pub form: Form,
    /// How many threads judge.
    pub threads: NonZero<usize>,
    /// Where to show how far it is.
    pub progress: ProgressBar,
}

/// Scans inputs.
#[derive(Debug)]
pub struct Scanner<'a> {
    settings: &'a Settings,
    /// What was found in text so far.
    summary: Summary,
    /// What was found in captures so far.
    captures: Captures<'a>,
    /// Whether an input could not be read, or not to its end.
    pub failed: bool,
}

/// What a block turned out to hold.
#[derive(Debug, Default)]
struct Judged {
    tally: Tally,
    printed: Vec<u8>,
}

impl<'a> Scanner<'a> {
    /// Nothing scanned yet.
    #[must_use]
    pub fn new(settings: &'a Settings) -> Self {
        let captures = Captures {
            judge: &settings.judge,
            classes: &settings.classes,
            view: settings.view,
            format: match settings.form {
                Form::Human(_) => Some(Format::Human),
                Form::Alerts(format) => Some(format),
                Form::Count => None,
            },
            account: Account::default(),
        };
        Self { settings, summary: Summary::default(), captures, failed: false }
    }

    /// Whether anything restricted was found.
    #[must_use]
    pub fn restricted(&self) -> bool {
        self.summary.restricted() > 0 || self.captures.account.restricted() > 0
    }

    /// What was scanned and found, as lines: of the kinds of input that there were.
    #[must_use]
    pub fn summary(&self) -> String {
        let (text, captures) = (&self.summary, &self.captures.account);
        let classes = &self.settings.classes;
        let mut told = String::new();
        if text.files > 0 || captures.files == 0 {
            told += &text.text(classes);
        }
        if captures.files > 0 {
            told += &captures.text(classes);
        }
        told
    }

    /// Scans all. Inputs that cannot be read are said in the log; whoever stops reading the output has seen enough.
    ///
    /// # Errors
    ///
    /// When standard output fails.
    pub fn scan(&mut self, targets: &[Target]) -> io::Result<()> {
        for target in targets {
            let ended = match target.open(&self.settings.progress) {
                Ok(input) => match input.kind {
                    Kind::Text => {
                        self.text(&target.name(), input.reader, input.prompt, self.settings.threads)
                    }
                    Kind::Capture => self.capture(&target.name(), input.reader, input.prompt),
                },
                Err(error) => {
                    self.unreadable(&target.name(), &error);
                    Ok(())
                }
            };
            match ended {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                ended => ended?,
            }
        }
        Ok(())
    }

    /// Scans text to its end.
    ///
    /// # Errors
    ///
    /// When standard output fails.
    pub fn text(
        &mut self,
        name: &str,
        reader: impl Read + Send,
        prompt: bool,
        threads: NonZero<usize>,
    ) -> io::Result<()> {
        let Settings { judge, form, wanted, progress, .. } = self.settings;
        let before = (self.summary.lines, self.summary.matching);
        let summary = &mut self.summary;
        let work = |block: &Block, judged: &mut Judged| {
            let Judged { tally, printed } = judged;
            lines(block, judge, *wanted, tally, |line| form.write(&line, name, judge, printed));
        };
        let finish = |block: &Block, judged: &mut Judged| {
            summary.add(block, &mut judged.tally);
            let printed = print(progress, &judged.printed);
            judged.printed.clear();
            printed
        };
        let ended = workers::run(Blocks::new(reader, prompt), threads, work, finish);
        self.summary.end();
        match ended {
            Err(Failure::Write(error)) => return Err(error),
            Err(Failure::Read(error)) => self.unreadable(name, &error),
            Ok(()) => {}
        }
        if matches!(form, Form::Count) {
            let matching = self.summary.matching - before.1;
            let others = self.summary.lines - before.0 - matching;
            let count = if *wanted == Wanted::Matching { matching } else { others };
            let name = if self.settings.file_name { format!("{}:", printable(name)) } else { String::new() };
            print(progress, format!("{name}{count}\n").as_bytes())?;
        }
        Ok(())
    }

    /// Scans a capture to its end, or as far as it is one.
    fn capture(&mut self, name: &str, reader: impl Read, prompt: bool) -> io::Result<()> {
        let Settings { form, wanted, progress, .. } = self.settings;
        let (only_matching, strip) = match form {
            Form::Human(human) => (human.only_matching, !human.coloured),
            Form::Alerts(_) | Form::Count => (false, false),
        };
        if only_matching || *wanted == Wanted::Others {
            let error = "it is a capture, which has no lines; --only-matching and --invert are for logs";
            self.unreadable(name, &io::Error::other(error));
            return Ok(());
        }
        let before = self.captures.account.restricted();
        let ended = self.captures.scan(name, reader, prompt, |bytes| {
            if !strip {
                return print(progress, bytes);
            }
            let mut plain = Vec::with_capacity(bytes.len());
            strip_bytes(bytes).for_each(|part| plain.extend_from_slice(part));
            print(progress, &plain)
        });
        match ended {
            Err(capture::Failure::Write(error)) => return Err(error),
            Err(capture::Failure::Read(number, broken)) => {
                self.broken(name, number, &broken);
                if number == 0 {
                    return Ok(());
                }
            }
            Ok(()) => {}
        }
        if matches!(form, Form::Count) {
            let count = self.captures.account.restricted() - before;
            let name = if self.settings.file_name { format!("{}:", printable(name)) } else { String::new() };
            print(progress, format!("{name}{count}\n").as_bytes())?;
        }
        Ok(())
    }

    /// Says why a capture was not read to its end. One that ends within a packet is what a crash or a full disk
    /// leaves, and everything before that place was judged.
    fn broken(&mut self, name: &str, number: u64, broken: &Broken) {
        let place = if number == 0 { "its header".to_owned() } else { format!("packet {number}") };
        let shown = printable(name);
        match broken {
            Broken::Unreadable(error) => self.unreadable(name, error),
            Broken::Cut => self.settings.progress.suspend(|| tracing::warn!("{shown}: ends within {place}")),
            Broken::Wrong(why) => {
                self.failed = true;
                self.settings.progress.suspend(|| tracing::error!("{shown}: {place}: {why}"));
            }
        }
    }

    /// Says that an input could not be read, or not to its end.
    pub fn unreadable(&mut self, name: &str, error: &io::Error) {
        self.failed = true;
        self.settings.progress.suspend(|| tracing::error!("{}: cannot be read: {error}", printable(name)));
    }
}

fn print(progress: &ProgressBar, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    progress.suspend(|| {
        let mut out = io::stdout();
        out.write_all(bytes)?;
        out.flush()
    })
}
