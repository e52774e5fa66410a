//! Opens a log as a kill, a power cut or nothing at all has left it, and goes on in the same tree.

use std::io;

use memchr::memchr;
use rand_core::{OsRng, RngCore as _};
use serde::de::IgnoredAny;
use serde_json::Value;
use tlog_tiles::{Hash, record_hash};

use super::{
    frontier::Frontier,
    key::{Key, Untrusted},
    log::Log,
    seal::Head,
    storage::Storage,
    tail::{Last, last_seal},
    tree,
};

/// Bytes that are read at a time.
const BLOCK: usize = 1 << 16;

/// The longest line that can be a record.
pub(super) const LONGEST: usize = 1 << 20;

/// How every record starts.
const BEGINNING: &[u8] = b"{\"timestamp\":\"";

/// How a log was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// There was none.
    pub new: bool,
    /// Bytes behind the last whole record, which are cut off.
    pub cut: u64,
    /// The tree beside the lines was lost or damaged, and was built again from them.
    pub rebuilt: bool,
    /// Records since the last checkpoint whose hash in the tree was another one: somebody changed one or the other.
    pub differing: u64,
}

/// Why a log cannot be gone on with.
#[derive(Debug)]
pub enum Refused {
    /// It is something else, and is not touched.
    Foreign(&'static str),
    /// It is a log that this key cannot go on with without signing what it does not stand for.
    Altered(String),
    /// What the system said.
    Failed(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<tlog_tiles::Error> for Refused {
    fn from(error: tlog_tiles::Error) -> Self {
        Self::Failed(io::Error::other(error))
    }
}

/// Opens a log. What is torn off stays where it is until the next record is written over it, which has to say so.
///
/// # Errors
///
/// Why it cannot be gone on with; it is as it was then.
pub fn recover<S: Storage>(lines: S, tree: S, key: Key) -> Result<(Log<S>, Found), Refused> {
    let length = lines.length()?;
    let Some(first) = first_line(&lines, length)? else {
        let origin = format!("{}/{:08x}", key.name(), OsRng.next_u32());
        let log = Log::behind([lines, tree], key, origin, Frontier::default(), 0);
        return Ok((log, Found { new: true, cut: length, ..Found::default() }));
    };
    if first.key != key.public().text() {
        return Err(Refused::Altered("it was begun with another key".to_owned()));
    }
    let mut work = Work { lines, tree, frontier: Frontier::default(), offset: 0 };
    let mut found = Found::default();
    match last_seal(&work.lines, length)? {
        None => {}
        Some(Last { start, seal }) => {
            let head = seal.open(key.public()).map_err(|why| Refused::Altered(untrusted(why).to_owned()))?;
            if head.origin != first.origin {
                return Err(Refused::Altered(
                    "its last checkpoint is of another log than its first record".to_owned(),
                ));
            }
            found.rebuilt = work.catch_up(&head, start)?;
        }
    }
    found.differing = work.replay(length)?;
    found.cut = length - work.offset;
    let Work { lines, tree, frontier, offset } = work;
    Ok((Log::behind([lines, tree], key, first.origin, frontier, offset), found))
}

/// What the first record says.
struct First {
    origin: String,
    key: String,
}

/// `None` when there is no whole record yet.
fn first_line(lines: &impl Storage, length: u64) -> Result<Option<First>, Refused> {
    let foreign = || Refused::Foreign("it is no sealed log: its first line does not say that it is one");
    let mut start = vec![0; BLOCK.min(usize::try_from(length).unwrap_or(BLOCK))];
    lines.read_all_at(&mut start, 0)?;
    if length < BLOCK as u64 {
        // A file system may have made the file longer before it had the bytes of the very first record.
        start.truncate(start.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
    }
    let beginning = start.len().min(BEGINNING.len());
    if start[..beginning] != BEGINNING[..beginning] {
        return Err(foreign());
    }
    let Some(end) = memchr(b'\n', &start) else {
        return if length < BLOCK as u64 { Ok(None) } else { Err(foreign()) };
    };
    let record: Value = serde_json::from_slice(&start[..end]).map_err(|_| foreign())?;
    let about = &record["integrity"];
    match (about["what"].as_str(), about["origin"].as_str(), about["key"].as_str()) {
        (Some("log_opened"), Some(origin), Some(key)) => {
            Ok(Some(First { origin: origin.to_owned(), key: key.to_owned() }))
        }
        _ => Err(foreign()),
    }
}

struct Work<S> {
    lines: S,
    tree: S,
    frontier: Frontier,
    /// Bytes of the records that are in the frontier.
    offset: u64,
}

impl<S: Storage> Work<S> {
    /// Takes the records before the checkpoint from the tree, or, where it does not fit, from the lines.
    fn catch_up(&mut self, head: &Head, start: u64) -> Result<bool, Refused> {
        let stored = Frontier::read(head.size, &tree::Reader(&self.tree));
        if let Ok(frontier) = stored
            && frontier.root()? == head.root
        {
            self.frontier = frontier;
            self.offset = start;
            return Ok(false);
        }
        self.read(start, |_, _| true)?;
        if self.frontier.size() != head.size || self.frontier.root()? != head.root {
            return Err(Refused::Altered(
                "its records are not those that its last checkpoint signs".to_owned(),
            ));
        }
        Ok(true)
    }

    /// Takes the records from the lines up to `length`, as long as they are records.
    fn replay(&mut self, length: u64) -> Result<u64, Refused> {
        let mut differing = 0;
        self.read(length, |line, stored| {
            let whole = line.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok();
            // A file system may have made the file longer before it had the bytes.
            let known = stored.filter(|hash| *hash != Hash::default());
            differing += u64::from(whole && known.is_some_and(|hash| hash != record_hash(line)));
            whole
        })?;
        Ok(differing)
    }

    /// Adds each whole line before `end` that `takes` takes, given the hash that the tree has for it.
    fn read(&mut self, end: u64, mut takes: impl FnMut(&[u8], Option<Hash>) -> bool) -> Result<(), Refused> {
        let mut block = vec![0; BLOCK];
        let mut pending: Vec<u8> = Vec::new();
        let mut position = self.offset;
        while position < end {
            let part = BLOCK.min(usize::try_from(end - position).unwrap_or(BLOCK));
            self.lines.read_all_at(&mut block[..part], position)?;
            position += part as u64;
            pending.extend(&block[..part]);
            let stored = self.frontier.stored();
            let mut hashes = Vec::new();
            let mut taken = 0;
            let mut goes_on = true;
            while let Some(length) = memchr(b'\n', &pending[taken..]) {
                let line = &pending[taken..taken + length];
                let known = tree::Reader(&self.tree).leaf(self.frontier.size())?;
                goes_on = takes(line, known);
                if !goes_on {
                    break;
                }
                hashes.extend(self.frontier.push(record_hash(line))?);
                taken += length + 1;
            }
            tree::append(&mut self.tree, stored, &hashes)?;
            self.offset += taken as u64;
            pending.drain(..taken);
            if !goes_on || pending.len() > LONGEST {
                break;
            }
        }
        Ok(())
    }
}

/// In words.
pub(super) const fn untrusted(why: Untrusted) -> &'static str {
    match why {
        Untrusted::Malformed => "its last checkpoint is no signed note",
        Untrusted::OtherKey => "another key signed its last checkpoint",
        Untrusted::Forged => "the signature of its last checkpoint is forged",
    }
}
