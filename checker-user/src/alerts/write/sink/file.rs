//! A file of EVE lines that log rotation may move away at any time.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::ValueEnum;
use tracing::warn;

use super::{
    lines::Lines,
    output::{Failure, Fate, Output},
};
use crate::{
    alerts::{event::Event, write::Format},
    printable::printable,
};

/// When what was written is forced onto the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sync {
    /// When the kernel likes.
    None,
    /// At most a second after it was written.
    Second,
    /// Before it counts as written.
    Each,
}

/// The file.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    lines: Lines,
    sync: Sync,
    /// When what was written is to be on the disk.
    sync_at: Option<Instant>,
    /// How often it was asked for a new file, and how often it has looked for one.
    reopen: Arc<AtomicU64>,
    reopened: u64,
    /// Nobody needs to be told twice that there can be no new file.
    stuck: bool,
}

impl LogFile {
    /// Opens it, or makes it, readable for its group.
    pub(super) fn open(path: &Path, sync: Sync, reopen: Arc<AtomicU64>) -> anyhow::Result<Self> {
        let (file, lines) = open(path).with_context(|| format!("cannot open the log {}", shown(path)))?;
        let reopened = reopen.load(Relaxed);
        Ok(Self { path: path.to_owned(), file, lines, sync, sync_at: None, reopen, reopened, stuck: false })
    }

    /// Goes over to a new file if this one was renamed or removed, or if somebody asks for it.
    fn follow(&mut self) {
        let reopen = self.reopen.load(Relaxed);
        let asked = std::mem::replace(&mut self.reopened, reopen) != reopen;
        let place = |metadata: Metadata| (metadata.dev(), metadata.ino());
        let moved = match (fs::metadata(&self.path).map(place), self.file.metadata().map(place)) {
            (Ok(there), Ok(open)) => there != open,
            _ => true,
        };
        if !asked && !moved {
            return;
        }
        match open(&self.path) {
            Ok((file, lines)) => {
                if self.sync != Sync::None
                    && let Err(error) = self.file.sync_data()
                {
                    warn!("cannot write the log before {} to the disk: {error}", shown(&self.path));
                }
                (self.file, self.lines, self.sync_at, self.stuck) = (file, lines, None, false);
            }
            Err(error) if !self.stuck => {
                warn!("cannot open the log {} anew: {error}; goes on with the old one", shown(&self.path));
                self.stuck = true;
            }
            Err(_) => {}
        }
    }
}

impl Output for LogFile {
    const BATCH: usize = 512;

    fn write(&mut self, events: &[Arc<Event>]) -> Result<(), Failure> {
        self.follow();
        // An event always has a form.
        let form = |event: &Event, lines: &mut Vec<u8>| drop(Format::Eve.write(event, lines));
        self.lines
            .write(&mut self.file, events, form)
            .map_err(|(written, error)| failure(written, &error))?;
        match self.sync {
            Sync::None => {}
            Sync::Second => {
                self.sync_at.get_or_insert_with(|| Instant::now() + Duration::from_secs(1));
            }
            Sync::Each => self.file.sync_data().map_err(|error| failure(0, &error))?,
        }
        Ok(())
    }

    fn due(&self) -> Option<Instant> {
        self.sync_at
    }

    fn look_after(&mut self) -> io::Result<()> {
        if self.reopen.load(Relaxed) != self.reopened {
            self.follow();
        }
        if self.sync_at.take_if(|when| *when <= Instant::now()).is_some() {
            self.file.sync_data()?;
        }
        Ok(())
    }
}

impl Drop for LogFile {
    fn drop(&mut self) {
        if self.sync_at.is_some()
            && let Err(error) = self.file.sync_data()
        {
            warn!("cannot write the log {} to the disk: {error}", shown(&self.path));
        }
    }
}

fn failure(written: usize, error: &io::Error) -> Failure {
    Failure { written, reason: error.to_string(), fate: Fate::Lost }
}

/// For appending; what is half a line at its end will be ended first.
fn open(path: &Path) -> io::Result<(File, Lines)> {
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o640).open(path)?;
    let metadata = file.metadata()?;
    let mut last = [b'\n'];
    if metadata.is_file() && metadata.len() > 0 {
        file.read_exact_at(&mut last, metadata.len() - 1)?;
    }
    Ok((file, Lines::behind(last != [b'\n'])))
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}
