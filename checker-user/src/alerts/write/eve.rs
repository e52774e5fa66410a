//! EVE JSON: one object a line, no spaces after `:` or `,`.

use std::io;

use crate::alerts::event::Event;

/// Writes `event` as one line.
pub(super) fn write(event: &Event, line: &mut Vec<u8>) -> io::Result<()> {
    serde_json::to_writer(&mut *line, event)?;
    line.push(b'\n');
    Ok(())
}
