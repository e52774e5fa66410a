//! A file that takes another's place, or a new one's: whenever the machine stops, the old one is there or the new one, whole.
//!
//! Written beside it, synced, renamed, and the folder synced. Without the first sync a file system may have the new name on
//! disk before the bytes; without the second one what was kept may be gone again. [`Disk`] is all that is asked of the
//! system, so that a test can stop between any two requests.

#[cfg(test)]
pub(crate) mod crash;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    time::{Duration, SystemTime},
};

use tempfile::NamedTempFile;

/// Names of files that are not whole yet begin with this.
pub const DRAFT: &str = ".draft-";

/// What is asked of the system.
pub trait Disk {
    /// A file that has not got its name yet; dropped, it is removed.
    type Draft;

    /// Makes one folder, for its owner only.
    ///
    /// # Errors
    ///
    /// What the system said; so with the others.
    fn make_folder(&mut self, folder: &Path) -> io::Result<()>;
    /// An empty file in `folder`, for its owner only.
    ///
    /// # Errors
    ///
    /// As above.
    fn draft(&mut self, folder: &Path) -> io::Result<Self::Draft>;
    /// Writes all of it.
    ///
    /// # Errors
    ///
    /// As above.
    fn write(&mut self, draft: &mut Self::Draft, bytes: &[u8]) -> io::Result<()>;
    /// Waits until all that was written is on the disk.
    ///
    /// # Errors
    ///
    /// As above.
    fn sync(&mut self, draft: &mut Self::Draft) -> io::Result<()>;
    /// Gives it its name, which another file may have had.
    ///
    /// # Errors
    ///
    /// As above.
    fn put(&mut self, draft: Self::Draft, path: &Path) -> io::Result<()>;
    /// Waits until the names in a folder are on the disk.
    ///
    /// # Errors
    ///
    /// As above.
    fn sync_folder(&mut self, folder: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    ///
    /// As above.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
}

/// The system's own.
#[derive(Clone, Copy, Debug)]
pub struct Here;

impl Disk for Here {
    type Draft = NamedTempFile;

    fn make_folder(&mut self, folder: &Path) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(folder) {
            // Somebody else may have been quicker.
            Err(_) if folder.is_dir() => Ok(()),
            made => made,
        }
    }

    fn draft(&mut self, folder: &Path) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder)
    }

    fn write(&mut self, draft: &mut NamedTempFile, bytes: &[u8]) -> io::Result<()> {
        draft.write_all(bytes)
    }

    fn sync(&mut self, draft: &mut NamedTempFile) -> io::Result<()> {
        draft.as_file().sync_all()
    }

    fn put(&mut self, draft: NamedTempFile, path: &Path) -> io::Result<()> {
        draft.persist(path).map(drop).map_err(|error| error.error)
    }

    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

/// Puts `bytes` in the place of what is at `path`; makes its folder, for its owner only, where there is none.
///
/// # Errors
///
/// What the system said; what was there stays.
pub fn replace<D: Disk>(disk: &mut D, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folders(disk, folder)?;
    let mut draft = disk.draft(folder)?;
    disk.write(&mut draft, bytes)?;
    disk.sync(&mut draft)?;
    disk.put(draft, path)?;
    disk.sync_folder(folder)
}

/// Removes drafts in a folder that were not written to for so long: whoever wrote them was killed.
pub fn remove_drafts(folder: &Path, idle: Duration) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let written = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        // The clock may have been set meanwhile: then it is left for later.
        let age = written.and_then(|written| SystemTime::now().duration_since(written).ok());
        if entry.file_name().to_string_lossy().starts_with(DRAFT) && age.is_some_and(|age| age >= idle) {
            // One that stays only takes room.
            let _stays = fs::remove_file(entry.path());
        }
    }
}

fn make_folders<D: Disk>(disk: &mut D, folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folders(disk, parent)?;
    disk.make_folder(folder)?;
    disk.sync_folder(parent)
}
