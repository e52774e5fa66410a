//! A log on the disk: `FILE`, and `FILE.tree` beside it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::{
    key::Key,
    log::Log,
    recover::{Found, Refused, recover},
    seal::Seal,
    tail::last_seal,
};
use crate::printable::printable;

/// A log that is open, and what there was to be said of it.
pub struct Opened {
    /// The log.
    pub log: Log<File>,
    /// How it was found.
    pub found: Found,
    /// What had to be moved out of its way.
    pub replaced: Option<Replaced>,
}

/// A log that could not be gone on with.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// Why.
    pub reason: String,
    /// Where it is now.
    pub moved_to: PathBuf,
    /// Its last checkpoint, whoever signed it.
    pub last: Option<Seal>,
}

/// The file of the tree that belongs to `path`.
#[must_use]
pub fn tree_of(path: &Path) -> PathBuf {
    let mut tree = path.as_os_str().to_owned();
    tree.push(".tree");
    tree.into()
}

/// Opens the log at `path`, or makes it. One that was altered is moved aside: a watcher must not be stopped by a touch of
/// its log.
///
/// # Errors
///
/// One sentence with the path: something else lies there, another process writes it, or what the system said.
pub fn open(path: &Path, key: impl Fn() -> anyhow::Result<Key>) -> anyhow::Result<Opened> {
    let shown = printable(&path.to_string_lossy()).into_owned();
    let cannot = || format!("cannot open the sealed log {shown}");
    let mut replaced = None;
    loop {
        let lines = open_one(path).with_context(cannot)?;
        match lines.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another process writes the sealed log {shown}; give this one another file")
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
        }
        let tree = open_one(&tree_of(path)).with_context(cannot)?;
        sync_folder(path).with_context(cannot)?;
        match recover(lines, tree, key()?) {
            Ok((log, found)) => return Ok(Opened { log, found, replaced }),
            Err(Refused::Failed(error)) => return Err(error).with_context(cannot),
            Err(Refused::Foreign(why)) => bail!("cannot write to {shown}: {why}; it is left alone"),
            Err(Refused::Altered(reason)) if replaced.is_none() => {
                replaced = Some(move_aside(path, reason).with_context(cannot)?);
            }
            Err(Refused::Altered(reason)) => bail!("cannot write to {shown}: {reason}"),
        }
    }
}

/// Whether `path` still names the file that is open: log rotation, or somebody else, may have moved or removed it.
///
/// # Errors
///
/// What the system said.
pub fn is_there(path: &Path, open: &File) -> io::Result<bool> {
    let open = open.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn open_one(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o640).open(path)
}

fn move_aside(path: &Path, reason: String) -> anyhow::Result<Replaced> {
    let lines = File::open(path)?;
    let last = last_seal(&lines, lines.metadata()?.len())?.map(|last| last.seal);
    let mut moved_to = path.as_os_str().to_owned();
    moved_to.push(format!(".altered-{}", Timestamp::now().strftime("%Y%m%dT%H%M%S%6fZ")));
    let moved_to = PathBuf::from(moved_to);
    fs::rename(path, &moved_to)?;
    fs::rename(tree_of(path), tree_of(&moved_to))?;
    Ok(Replaced { reason, moved_to, last })
}

/// So that a power cut does not take the new names away again.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
