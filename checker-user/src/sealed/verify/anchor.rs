//! Checkpoints from elsewhere: what left the host, and nobody on the host can change any more.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};

use crate::{
    printable::printable,
    sealed::{
        key::{PublicKey, Untrusted},
        seal::{self, Head, Seal},
    },
};

/// A checkpoint from elsewhere.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// Where it was read; safe to show.
    pub name: String,
    note: String,
}

impl Anchor {
    /// Reads a file: a signed note, or lines of the alert stream, of which those with a checkpoint count.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or has none.
    pub fn read(path: &Path) -> anyhow::Result<Vec<Self>> {
        let shown = printable(&path.to_string_lossy()).into_owned();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read the anchor {shown}"))?;
        if !text.starts_with('{') {
            return Ok(vec![Self { name: shown, note: text }]);
        }
        let seals = text
            .lines()
            .zip(1..)
            .filter_map(|(line, number)| Some((Seal::of_line(line.as_bytes())?, number)));
        let anchors: Vec<_> =
            seals.map(|(seal, number)| Self { name: format!("{shown}:{number}"), note: seal.note }).collect();
        if anchors.is_empty() {
            bail!("{shown} has no checkpoint in it");
        }
        Ok(anchors)
    }

    /// From a note.
    #[must_use]
    pub const fn of(name: String, note: String) -> Self {
        Self { name, note }
    }

    /// As it was read.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// What it says.
    ///
    /// # Errors
    ///
    /// Why that cannot be trusted.
    pub fn open(&self, key: &PublicKey) -> Result<Head, Untrusted> {
        seal::open(&self.note, key)
    }
}
