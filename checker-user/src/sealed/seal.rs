//! A checkpoint: so many records had this root, signed. As text it is a C2SP `tlog-checkpoint`; in the log it is a record.

use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tlog_tiles::{Checkpoint, Hash};

use super::key::{Key, PublicKey, Untrusted};

/// A signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Which log it is of.
    pub origin: String,
    /// How many records.
    pub size: u64,
    /// The root of their tree, in base64.
    pub root: String,
    /// The signed note; all of the above is in it, and only what is in it is signed.
    pub note: String,
}

/// What a trusted checkpoint says.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Which log.
    pub origin: String,
    /// How many records.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

impl Seal {
    /// Signs `root` of the first `size` records.
    ///
    /// # Errors
    ///
    /// When the origin is no line.
    pub fn new(key: &Key, origin: &str, size: u64, root: Hash) -> anyhow::Result<Self> {
        let checkpoint =
            Checkpoint::new(origin, size, root, "").map_err(|_| anyhow!("{origin:?} is no origin"))?;
        let text = String::from_utf8(checkpoint.to_bytes()).context("a checkpoint is UTF-8")?;
        Ok(Self { origin: origin.to_owned(), size, root: root.to_string(), note: key.sign(&text)? })
    }

    /// The seal that a line of the log carries, if it is one with a checkpoint.
    #[must_use]
    pub fn of_line(line: &[u8]) -> Option<Self> {
        let mut record: Value = serde_json::from_slice(line).ok()?;
        let is_one = record["event_type"] == "checkpoint";
        is_one.then(|| serde_json::from_value(record["checkpoint"].take()).ok()).flatten()
    }

    /// What it says, if `key` signed it, and says the same beside the note.
    ///
    /// # Errors
    ///
    /// Why it cannot be trusted.
    pub fn open(&self, key: &PublicKey) -> Result<Head, Untrusted> {
        let head = open(&self.note, key)?;
        let same = head.origin == self.origin && head.size == self.size && head.root.to_string() == self.root;
        if same { Ok(head) } else { Err(Untrusted::Forged) }
    }
}

/// What a signed note says.
///
/// # Errors
///
/// Why it cannot be trusted.
pub fn open(note: &str, key: &PublicKey) -> Result<Head, Untrusted> {
    let checkpoint = Checkpoint::from_bytes(&key.open(note)?).map_err(|_| Untrusted::Malformed)?;
    let (origin, size, root) = (checkpoint.origin().to_owned(), checkpoint.size(), *checkpoint.hash());
    Ok(Head { origin, size, root })
}
