//! Standard output: the primary sink, in the form that `--output` asks for.

use std::{fs::File, io, os::fd::AsFd as _, sync::Arc};

use anstream::{AutoStream, ColorChoice, adapter::strip_bytes};

use super::{
    lines::Lines,
    output::{Failure, Fate, Output},
};
use crate::alerts::{event::Event, write::Format};

/// Its name in the account.
pub(super) const NAME: &str = "standard output";

/// Standard output.
pub(super) struct StandardOutput {
    /// Without the buffer of [`io::Stdout`], which would take lines that then cannot be written.
    output: File,
    lines: Lines,
    format: Format,
    /// Whether colours are taken out again.
    plain: bool,
}

impl StandardOutput {
    pub(super) fn new(format: Format) -> io::Result<Self> {
        let stdout = io::stdout();
        let plain = format == Format::Human && AutoStream::choice(&stdout) == ColorChoice::Never;
        let output = stdout.as_fd().try_clone_to_owned()?.into();
        Ok(Self { output, lines: Lines::default(), format, plain })
    }
}

impl Output for StandardOutput {
    /// About as much as a pipe holds.
    const BATCH: usize = 64;

    fn write(&mut self, events: &[Arc<Event>]) -> Result<(), Failure> {
        let form = |event: &Event, lines: &mut Vec<u8>| {
            let before = lines.len();
            // An event always has a form.
            let _infallible = self.format.write(event, lines);
            if self.plain {
                let bare = strip_bytes(&lines[before..]).into_vec();
                lines.truncate(before);
                lines.extend(bare);
            }
        };
        self.lines.write(&mut self.output, events, form).map_err(|(written, error)| Failure {
            written,
            reason: error.to_string(),
            fate: if error.kind() == io::ErrorKind::BrokenPipe { Fate::Over } else { Fate::Lost },
        })
    }
}
