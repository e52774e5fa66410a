//! Finds the last checkpoint of a log from its end, so that opening a log does not read all of it.

use std::io;

use memchr::{memchr, memmem, memrchr};

use super::{seal::Seal, storage::Storage};

/// How much is looked at first; four times as much each time that it was not enough.
const WINDOW: u64 = 1 << 20;

/// Far more than there is between two checkpoints.
const FARTHEST: u64 = 1 << 28;

/// What stands in the line of a checkpoint, and in few others.
pub(super) const MARK: &[u8] = br#""event_type":"checkpoint""#;

/// A checkpoint of the log, and where its line starts.
#[derive(Clone, Debug)]
pub struct Last {
    /// Bytes before its line.
    pub start: u64,
    /// The checkpoint.
    pub seal: Seal,
}

/// The last checkpoint in a whole line among the first `length` bytes.
///
/// # Errors
///
/// What the system said.
pub fn last_seal(lines: &impl Storage, length: u64) -> io::Result<Option<Last>> {
    let mut window = WINDOW;
    loop {
        let from = length.saturating_sub(window);
        let mut bytes = vec![0; usize::try_from(length - from).map_err(io::Error::other)?];
        lines.read_all_at(&mut bytes, from)?;
        // Half a line at the beginning of the window is looked at with the next one.
        let begin = if from == 0 { 0 } else { memchr(b'\n', &bytes).map_or(bytes.len(), |end| end + 1) };
        if let Some((start, seal)) = last_in(&bytes[begin..]) {
            return Ok(Some(Last { start: from + (begin + start) as u64, seal }));
        }
        if from == 0 || window >= FARTHEST {
            return Ok(None);
        }
        window *= 4;
    }
}

fn last_in(bytes: &[u8]) -> Option<(usize, Seal)> {
    let mut end = memrchr(b'\n', bytes)?;
    loop {
        let start = memrchr(b'\n', &bytes[..end]).map_or(0, |before| before + 1);
        let line = &bytes[start..end];
        if memmem::find(line, MARK).is_some()
            && let Some(seal) = Seal::of_line(line)
        {
            return Some((start, seal));
        }
        end = start.checked_sub(1)?;
    }
}
