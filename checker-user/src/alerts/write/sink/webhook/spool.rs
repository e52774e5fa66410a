//! Batches on disk, oldest first: one file a batch, so that nothing needs to be cut off or repaired. A file has its name
//! only when it is whole.

use std::{
    collections::VecDeque,
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use nix::fcntl::{Flock, FlockArg};

use crate::{
    durable::{Here, remove_drafts, replace},
    printable::printable,
};

/// What a file takes at least.
const BLOCK: u64 = 4096;

/// The folder.
#[derive(Debug)]
pub(in super::super) struct Spool {
    folder: PathBuf,
    limit: u64,
    batches: Mutex<Batches>,
    /// Held for as long as the folder is used.
    _lock: Flock<File>,
}

#[derive(Debug, Default)]
struct Batches {
    waiting: VecDeque<Batch>,
    next: u64,
    bytes: u64,
}

/// One file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    number: u64,
    bytes: u64,
    /// Whether it was there when this process started: then its alerts are in no account of ours.
    pub(super) earlier: bool,
}

impl Spool {
    /// Takes over the folder, with the batches that an earlier process left in it.
    pub(in super::super) fn open(folder: &Path, limit: u64) -> anyhow::Result<Self> {
        let shown = printable(&folder.to_string_lossy()).into_owned();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("cannot make the spool {shown}"))?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join("lock"))
            .with_context(|| format!("cannot use the spool {shown}"))?;
        let lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock)
            .map_err(|_| anyhow!("the spool {shown} is in use by another checker"))?;
        // The lock says that nobody writes them.
        remove_drafts(folder, Duration::ZERO);
        let batches = found(folder).with_context(|| format!("cannot read the spool {shown}"))?;
        Ok(Self { folder: folder.to_owned(), limit, batches: Mutex::new(batches), _lock: lock })
    }

    /// How many batches wait.
    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Puts one behind the others.
    pub(super) fn append(&self, body: &[u8]) -> io::Result<()> {
        let bytes = on_disk(body.len() as u64);
        let number = {
            let batches = self.lock();
            if batches.bytes + bytes > self.limit {
                return Err(io::Error::other(format!("the spool is full, at {} MiB", self.limit >> 20)));
            }
            batches.next
        };
        // On the disk before it counts as spooled: nobody has it a second time.
        replace(&mut Here, &self.path(number), body)?;
        let mut batches = self.lock();
        batches.waiting.push_back(Batch { number, bytes, earlier: false });
        batches.next += 1;
        batches.bytes += bytes;
        Ok(())
    }

    /// The oldest one.
    pub(super) fn oldest(&self) -> Option<(Batch, io::Result<Vec<u8>>)> {
        let batch = *self.lock().waiting.front()?;
        Some((batch, fs::read(self.path(batch.number))))
    }

    /// Done with it.
    pub(super) fn remove(&self, batch: Batch) -> io::Result<()> {
        let mut batches = self.lock();
        if batches.waiting.front() == Some(&batch) {
            batches.waiting.pop_front();
            batches.bytes -= batch.bytes;
        }
        drop(batches);
        fs::remove_file(self.path(batch.number))
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:020}.json"))
    }

    fn lock(&self) -> MutexGuard<'_, Batches> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn found(folder: &Path) -> io::Result<Batches> {
    let mut batches = Batches::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".json")?.parse().ok());
        if let Some(number) = number {
            let bytes = on_disk(entry.metadata()?.len());
            batches.waiting.push_back(Batch { number, bytes, earlier: true });
            batches.bytes += bytes;
        }
    }
    batches.waiting.make_contiguous().sort_by_key(|batch| batch.number);
    batches.next = batches.waiting.back().map_or(1, |last| last.number + 1);
    Ok(batches)
}

const fn on_disk(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK) * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durable::DRAFT;

    #[test]
    fn batches_survive_in_their_order_and_never_exceed_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), 3 * BLOCK).unwrap();
        let error = Spool::open(folder.path(), 1).unwrap_err().to_string();
        assert!(error.ends_with("is in use by another checker"), "{error}");
        for body in ["one", "two", "three"] {
            spool.append(body.as_bytes()).unwrap();
        }
        assert!(spool.append(b"four").is_err());
        let (first, body) = spool.oldest().unwrap();
        assert_eq!((body.unwrap(), first.earlier), (b"one".to_vec(), false));
        spool.remove(first).unwrap();
        spool.append(b"five").unwrap();
        drop(spool);
        fs::write(folder.path().join(format!("{DRAFT}x")), "half").unwrap();

        let spool = Spool::open(folder.path(), 3 * BLOCK).unwrap();
        assert_eq!(spool.len(), 3);
        let mut bodies = Vec::new();
        while let Some((batch, body)) = spool.oldest() {
            assert!(batch.earlier);
            bodies.push(String::from_utf8(body.unwrap()).unwrap());
            spool.remove(batch).unwrap();
        }
        assert_eq!(bodies, ["two", "three", "five"]);
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["lock"]);
    }
}
