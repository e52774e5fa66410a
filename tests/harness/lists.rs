//! Lists as a test writes them down, and as files that are gone when the test is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use checker_user::ranges::{action::Action, spec::ListSpec};
use tempfile::TempDir;

/// A list in a test's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    /// Its label; its file is the same in lower case, with `.txt`.
    pub label: &'static str,
    /// What its ranges ask for.
    pub action: Action,
    /// Its lines.
    pub text: &'static str,
}

/// A folder of lists.
#[derive(Debug)]
pub struct Lists {
    folder: TempDir,
}

impl Lists {
    /// An empty folder.
    ///
    /// # Errors
    ///
    /// When there can be none.
    pub fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::Builder::new().prefix("checker-test-").tempdir()? })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes, or writes again, the file `name`; gives its path.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Writes a list; gives what a daemon would be told of it.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn add(&self, list: &List) -> Result<ListSpec> {
        Ok(ListSpec { action: list.action, ..self.add_text(list.label, list.text)? })
    }

    /// The same for a list that is made up on the spot, and alerts.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn add_text(&self, label: &str, text: &str) -> Result<ListSpec> {
        let path = self.write(&format!("{}.txt", label.to_lowercase()), text)?;
        Ok(ListSpec::new(label.parse()?, path))
    }
}
