//! The sealed log: EVE lines with a Merkle tree beside them and signed checkpoints among them.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use tracing::warn;

use super::output::{Failure, Fate, Output};
use crate::{
    alerts::{
        event::{Event, Integrity, IntegrityType},
        facts::{Checkpoint, CheckpointType, LogOpened},
        incident::Incident,
        moment::Moment,
        write::Format,
    },
    printable::printable,
    sealed::{
        files::{self, Opened, Replaced},
        key::{self, Key},
        log::Log,
        seal::Seal,
    },
};

/// How a log is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealing {
    /// The log.
    pub path: PathBuf,
    /// Where the key is, if not at its usual place.
    pub key: Option<PathBuf>,
    /// A checkpoint after so many records at the latest.
    pub records: u64,
    /// And after so long; a heartbeat as often.
    pub interval: Duration,
}

/// The log.
pub(super) struct SealedLog {
    how: Sealing,
    log: Log<File>,
    /// Records that no checkpoint signs yet.
    unsealed: u64,
    sealed_at: Instant,
    /// What the other sinks are to have of it.
    told: UnboundedSender<Event>,
}

impl SealedLog {
    /// Opens it, or makes it.
    pub(super) fn open(how: &Sealing, told: UnboundedSender<Event>) -> anyhow::Result<Self> {
        let opened = open(how)?;
        let Opened { log, found, replaced } = opened;
        let (reason, moved_to, last) = match replaced {
            Some(Replaced { reason, moved_to, last }) => (Some(reason), Some(shown(&moved_to)), last),
            None => (None, None, None),
        };
        if let Some(reason) = &reason {
            warn!(
                "the sealed log {} is not gone on with: {reason}; it is now {}",
                shown(&how.path),
                moved_to.as_deref().unwrap_or_default()
            );
        }
        if found.cut > 0 {
            warn!("{} bytes that were no whole record were cut off {}", found.cut, shown(&how.path));
        }
        let about = LogOpened {
            file: shown(&how.path),
            origin: log.origin().to_owned(),
            key: log.key().public().text().to_owned(),
            records: log.records(),
            cut_bytes: found.cut,
            rebuilt: found.rebuilt,
            differing: found.differing,
            reason,
            moved_to,
            last,
        };
        let mut sealed = Self { how: how.clone(), log, unsealed: 0, sealed_at: Instant::now(), told };
        sealed.begin(about)?;
        Ok(sealed)
    }

    /// The first record of a log, or of a start.
    fn begin(&mut self, about: LogOpened) -> anyhow::Result<()> {
        let integrity = Incident::LogOpened(Box::new(about));
        let event = Event::Integrity(Integrity {
            timestamp: Moment(Timestamp::now()),
            event_type: IntegrityType::Integrity,
            integrity,
        });
        self.log.append(&line(&event))?;
        self.seal()?;
        // An error says only that the daemon is at its end; so below.
        let _untold = self.told.send(event);
        Ok(())
    }

    fn seal(&mut self) -> anyhow::Result<Seal> {
        let timestamp = Moment(Timestamp::now());
        let record = |seal: &Seal| {
            Event::Checkpoint(Box::new(Checkpoint {
                timestamp,
                event_type: CheckpointType::Checkpoint,
                checkpoint: seal.clone(),
            }))
        };
        let seal = self.log.seal(|seal| line(&record(seal)))?;
        (self.unsealed, self.sealed_at) = (0, Instant::now());
        let _untold = self.told.send(record(&seal));
        Ok(seal)
    }

    /// Begins a new log if this one was moved or removed, which log rotation does, and others.
    fn follow(&mut self) -> anyhow::Result<()> {
        if files::is_there(&self.how.path, self.log.lines())? {
            return Ok(());
        }
        let last = self.seal()?;
        let path = shown(&self.how.path);
        warn!("the sealed log {path} was moved or removed; a new one is begun");
        let Opened { log, .. } = open(&self.how)?;
        self.log = log;
        let about = LogOpened {
            file: path,
            origin: self.log.origin().to_owned(),
            key: self.log.key().public().text().to_owned(),
            records: self.log.records(),
            cut_bytes: 0,
            rebuilt: false,
            differing: 0,
            reason: Some("the log before was moved or removed".to_owned()),
            moved_to: None,
            last: Some(last),
        };
        self.begin(about)
    }

    fn due_at(&self) -> Instant {
        self.sealed_at + self.how.interval
    }
}

impl Output for SealedLog {
    const BATCH: usize = 512;

    fn write(&mut self, events: &[Arc<Event>]) -> Result<(), Failure> {
        let mut lines = Vec::new();
        let (mut beat, mut count) = (false, 0);
        // What it wrote itself comes back to it with all else.
        for event in events.iter().filter(|event| !is_own(event)) {
            lines.extend(line(event));
            count += 1;
            beat |= is_beat(event);
        }
        if let Err(error) = self.log.append(&lines) {
            let reason = format!("cannot write to the sealed log {}: {error}", shown(&self.how.path));
            return Err(Failure { written: 0, reason, fate: Fate::Kept });
        }
        self.unsealed += count;
        if beat || self.unsealed >= self.how.records {
            // Tried by `look_after`, which can say what is wrong with it.
            self.sealed_at = Instant::now().checked_sub(self.how.interval).unwrap_or(self.sealed_at);
        }
        Ok(())
    }

    fn due(&self) -> Option<Instant> {
        (self.unsealed > 0).then(|| self.due_at())
    }

    fn look_after(&mut self) -> io::Result<()> {
        if self.unsealed > 0 && self.due_at() <= Instant::now() {
            // So that a disk which takes nothing is not asked all the time.
            self.sealed_at = Instant::now();
            self.seal().and_then(|_| self.follow()).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

impl Drop for SealedLog {
    /// Nothing more comes: the last checkpoint.
    fn drop(&mut self) {
        if self.unsealed > 0
            && let Err(error) = self.seal()
        {
            warn!("the sealed log {} has no checkpoint at its end: {error:#}", shown(&self.how.path));
        }
    }
}

fn open(how: &Sealing) -> anyhow::Result<Opened> {
    let place = key::place(how.key.as_deref());
    files::open(&how.path, || Key::read_or_make(&place))
}

/// An event always has a form.
fn line(event: &Event) -> Vec<u8> {
    let mut line = Vec::new();
    drop(Format::Eve.write(event, &mut line));
    line
}

fn is_own(event: &Event) -> bool {
    matches!(
        event,
        Event::Checkpoint(_) | Event::Integrity(Integrity { integrity: Incident::LogOpened(_), .. })
    )
}

fn is_beat(event: &Event) -> bool {
    matches!(event, Event::Integrity(Integrity { integrity: Incident::Heartbeat(_), .. }))
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}
