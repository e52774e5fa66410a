//! What a daemon leaves to the next one, beside the pins: what the kernel's numbers mean, and what was told already.
//!
//! Two files in `pinned/NUMBER/` of the state folder, where NUMBER is the kernel's number for the maps: so they can be
//! taken for those of no other pins. `lists` is written before each switch of generations, `books` while alerts are told.
//! Each takes the place of the one before by a rename, so a killed daemon leaves the old one or the new one.

pub mod deed;
pub mod books;
pub mod keep;

use std::{
    fs::{self, DirBuilder},
    io::Write as _,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use aya::maps::MapData;
use serde::{Serialize, de::DeserializeOwned};

use crate::durable::{Disk as _, Here, remove_drafts};

/// The folder of one set of maps.
#[derive(Clone, Debug)]
pub struct Estate(PathBuf);

impl Estate {
    /// Of the maps that have this number in the kernel.
    #[must_use]
    pub fn of(state: &Path, maps: u32) -> Self {
        Self(state.join("pinned").join(maps.to_string()))
    }

    /// Makes an empty folder, for its owner only. What is there of maps that are gone is removed.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn make(&self) -> anyhow::Result<()> {
        self.remove();
        let others = self.0.parent().map(fs::read_dir).into_iter().flatten().flatten().flatten();
        for entry in others {
            let name = entry.file_name().into_string().unwrap_or_default();
            let other = Self(entry.path());
            let before = other.read::<deed::Deed>(deed::NAME).is_ok_and(|deed| deed.boot_id != boot());
            if before || name.parse().is_ok_and(|maps| MapData::from_id(maps).is_err()) {
                other.remove();
            }
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.with_context(|| format!("cannot make the folder {}", self.0.display()))
    }

    /// Removes what a killed daemon did not write to its end. Nobody else writes here while the pins are held.
    pub fn tidy(&self) {
        remove_drafts(&self.0, Duration::ZERO);
    }

    /// Removes the folder.
    pub fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!("cannot remove {}: {error}", self.0.display());
        }
    }

    /// Not synchronised with the disk: a machine that loses power loses the pins as well.
    fn write(&self, name: &str, content: &impl Serialize) -> anyhow::Result<()> {
        let path = self.0.join(name);
        let failed = || format!("cannot write {}", path.display());
        let mut file = Here.draft(&self.0).with_context(failed)?;
        file.write_all(&serde_json::to_vec(content)?).with_context(failed)?;
        file.persist(&path).map(drop).map_err(|error| error.error).with_context(failed)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> anyhow::Result<T> {
        let path = self.0.join(name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))
    }
}

/// Which start of the machine this is.
pub(super) fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}
