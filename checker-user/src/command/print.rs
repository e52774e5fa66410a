//! Standard output of the short commands: one write at the end; a reader that has gone is success.

use std::io::{self, Write as _};

use anyhow::Context as _;
use serde::Serialize;

/// Prints `text`, without its colours where they are not wanted.
pub(super) fn text(text: &str) -> anyhow::Result<()> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints `value` as indented JSON.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    text(&format!("{}\n", serde_json::to_string_pretty(value)?))
}
