//! Waits for the files of lists to change: written in place, or replaced by another file of the same name.
//!
//! What is watched is the folders, with inotify(7): a file that is renamed over another one takes the watch of the old one
//! with it. An event is only a hint; [`Stamp`](super::stamp::Stamp)s tell whether there is something new to read. Nothing
//! polls: without a change there is no wake-up.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    io,
    os::fd::{AsFd as _, AsRawFd, RawFd},
    path::{Path, PathBuf},
};

use nix::{
    errno::Errno,
    sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor},
};
use tokio::io::{Interest, unix::AsyncFd};

/// A file that was written is complete when it is closed. One that was only made is not, so `IN_CREATE` is not asked for.
const EVENTS: AddWatchFlags =
    AddWatchFlags::IN_CLOSE_WRITE.union(AddWatchFlags::IN_MOVED_TO).union(AddWatchFlags::IN_ONLYDIR);

/// The files that are waited for.
pub struct FileWatch {
    inotify: AsyncFd<Descriptor>,
    /// Folders, and the names in them that matter.
    folders: BTreeMap<PathBuf, (WatchDescriptor, BTreeSet<OsString>)>,
    /// Folders that could not be watched, and were said.
    refused: BTreeSet<PathBuf>,
}

struct Descriptor(Inotify);

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl FileWatch {
    /// A watch for nothing yet.
    ///
    /// # Errors
    ///
    /// What the kernel said: there are no more instances for this user, mostly.
    pub fn new() -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        // SAFETY: an Inotify keeps its descriptor open, and the same, until it is dropped.
        let inotify = unsafe { AsyncFd::register_with_interest(Descriptor(inotify), Interest::READABLE) }?;
        Ok(Self { inotify, folders: BTreeMap::new(), refused: BTreeSet::new() })
    }

    /// From now on waits for these files, and for no others. A symbolic link counts as itself and as what it leads to.
    ///
    /// Gives the folders that turn out not to be watchable, with the reason, once.
    pub fn set<'a>(&mut self, files: impl IntoIterator<Item = &'a Path>) -> Vec<(PathBuf, Errno)> {
        let mut wanted: BTreeMap<PathBuf, BTreeSet<OsString>> = BTreeMap::new();
        for file in files {
            for file in [Some(file.to_owned()), file.canonicalize().ok()].into_iter().flatten() {
                if let (Some(folder), Some(name)) = (file.parent(), file.file_name()) {
                    wanted.entry(folder.to_owned()).or_default().insert(name.to_owned());
                }
            }
        }
        let inotify = &self.inotify.get_ref().0;
        for (folder, (watch, _)) in &self.folders {
            if !wanted.contains_key(folder) {
                // A folder that is gone took its watch with it.
                let _gone = inotify.rm_watch(*watch);
            }
        }
        let mut refused = Vec::new();
        self.folders.clear();
        for (folder, names) in wanted {
            // For a folder that is watched already this gives the watch it has.
            match inotify.add_watch(&folder, EVENTS) {
                Ok(watch) => {
                    self.folders.insert(folder, (watch, names));
                }
                Err(error) if self.refused.insert(folder.clone()) => refused.push((folder, error)),
                Err(_) => {}
            }
        }
        refused
    }

    /// Waits until something happened that may have changed one of the files. Cancel safe.
    ///
    /// # Errors
    ///
    /// What epoll or inotify said.
    pub async fn changed(&self) -> io::Result<()> {
        loop {
            let mut ready = self.inotify.readable().await?;
            match ready.get_inner().0.read_events() {
                Ok(events) if events.iter().any(|event| self.concerns(event)) => return Ok(()),
                Ok(_) => {}
                Err(Errno::EAGAIN) => ready.clear_ready(),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Any rename may put another folder where a link leads through; other writes are of the files that they name.
    fn concerns(&self, InotifyEvent { wd, mask, name, .. }: &InotifyEvent) -> bool {
        let known =
            |name: &OsStr| self.folders.values().any(|(watch, names)| watch == wd && names.contains(name));
        mask.intersects(AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_Q_OVERFLOW)
            || name.as_deref().is_some_and(known)
    }
}
