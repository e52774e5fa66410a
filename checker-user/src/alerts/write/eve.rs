//! EVE JSON: one object a line, no spaces after `:` or `,`.

use std::io;

use super::json;
use crate::alerts::event::Event;

/// Writes `event` as one line.
pub(super) fn write(event: &Event, line: &mut Vec<u8>) -> io::Result<()> {
    json::write(event, line)
}
