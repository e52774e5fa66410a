//! A file system of a few pages, to be full when a test wants it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use tempfile::TempDir;

use crate::require;

/// A mounted tmpfs; dropping it unmounts it.
#[derive(Debug)]
pub struct Tmpfs {
    folder: TempDir,
}

impl Tmpfs {
    /// Of so many KiB.
    ///
    /// # Errors
    ///
    /// Without root, or what the kernel said.
    pub fn new(kibibytes: u32) -> Result<Self> {
        require::root()?;
        let folder = tempfile::Builder::new().prefix("checker-test-").tempdir()?;
        let size = format!("size={kibibytes}k");
        mount(Some("checker-test"), folder.path(), Some("tmpfs"), MsFlags::empty(), Some(size.as_str()))
            .context("cannot mount a tmpfs")?;
        Ok(Self { folder })
    }

    /// The path of a file in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where it is mounted.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily: a daemon may still have a file open. There is nobody to tell.
        let _unmounted = umount2(self.folder.path(), MntFlags::MNT_DETACH);
    }
}
