//! A log that grows, is rotated and truncated, as `tail -F` reads it; without timers.
//!
//! A rotated log is read until the new one has its first byte: between the rename and the moment when the log's
//! writer opens the new file, it goes on writing to the old one.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    num::NonZero,
    os::{fd::AsFd as _, unix::fs::MetadataExt as _},
    path::{Path, PathBuf},
};

use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        inotify::{AddWatchFlags, InitFlags, Inotify},
        signal::{SigSet, Signal},
        signalfd::{SfdFlags, SignalFd},
    },
};

use super::scan::Scanner;

/// Scans what is in the file and what comes, until SIGINT or SIGTERM, or until nobody reads standard output.
///
/// # Errors
///
/// When standard output fails. A file that cannot be read is said in the log.
pub fn follow(path: &Path, scanner: &mut Scanner<'_>) -> io::Result<()> {
    let name = path.to_string_lossy();
    let mut watch = match Watch::new(path) {
        Ok(watch) => watch,
        Err(error) => {
            scanner.unreadable(&name, &error);
            return Ok(());
        }
    };
    while !watch.stop {
        let tail = File::open(path).and_then(|file| Tail::new(file, &mut watch));
        match tail.map(|tail| scanner.text(&name, tail, true, NonZero::<usize>::MIN)) {
            Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Ok(ended) => ended?,
            Err(error) => {
                scanner.unreadable(&name, &error);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What may wake us.
struct Watch {
    path: PathBuf,
    changes: Inotify,
    signals: SignalFd,
    stop: bool,
}

impl Watch {
    fn new(path: &Path) -> io::Result<Self> {
        let mut asked = SigSet::empty();
        asked.add(Signal::SIGINT);
        asked.add(Signal::SIGTERM);
        asked.thread_block()?;
        let signals = SignalFd::with_flags(&asked, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        let changes = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        changes.add_watch(
            folder.unwrap_or(Path::new(".")),
            AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_MODIFY,
        )?;
        Ok(Self { path: path.to_owned(), changes, signals, stop: false })
    }

    /// Whether somebody wants us to stop.
    fn asked(&mut self) -> io::Result<bool> {
        self.stop |= self.signals.read_signal()?.is_some();
        Ok(self.stop)
    }

    /// Waits for a change of the file or its folder, a signal, or the end of whoever reads standard output.
    fn wait(&mut self) -> io::Result<()> {
        let stdout = io::stdout();
        let mut all = [
            PollFd::new(self.changes.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            // Errors are told without being asked for.
            PollFd::new(stdout.as_fd(), PollFlags::empty()),
        ];
        poll(&mut all, PollTimeout::NONE)?;
        let deaf = all[2].revents().is_some_and(|events| events.contains(PollFlags::POLLERR));
        self.stop |= deaf;
        match self.changes.read_events() {
            // What changed is seen by looking.
            Ok(_) | Err(nix::Error::EAGAIN) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// One file of that path, up to where another takes its place.
struct Tail<'a> {
    file: File,
    /// Bytes read so far.
    at: u64,
    watch: &'a mut Watch,
}

impl<'a> Tail<'a> {
    fn new(file: File, watch: &'a mut Watch) -> io::Result<Self> {
        // By path too: a symbolic link may point into another folder, and the file may be moved there.
        watch.changes.add_watch(&watch.path, AddWatchFlags::IN_MODIFY)?;
        Ok(Self { file, at: 0, watch })
    }

    /// Whether another file has taken the path and holds something.
    fn replaced(&self, own: &Metadata) -> bool {
        let there = fs::metadata(&self.watch.path);
        there.is_ok_and(|there| (there.dev(), there.ino()) != (own.dev(), own.ino()) && there.len() > 0)
    }
}

impl Read for Tail<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.watch.asked()? {
                return Ok(0);
            }
            let own = self.file.metadata()?;
            // In this order: what was written before the new file is read before it.
            let replaced = self.replaced(&own);
            let read = self.file.read(buffer)?;
            self.at += read as u64;
            if read > 0 {
                return Ok(read);
            }
            if replaced {
                tracing::info!("{}: another file has taken its place", self.watch.path.display());
                return Ok(0);
            }
            if own.len() < self.at {
                tracing::info!("{}: was truncated; read again from its beginning", self.watch.path.display());
                return Ok(0);
            }
            self.watch.wait()?;
        }
    }
}
