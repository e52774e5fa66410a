//! The folder: nobody else's, used by one checker, with files that are numbered in their order. The oldest give way.

use std::{
    collections::VecDeque,
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail, ensure};
use jiff::Timestamp;
use nix::{
    fcntl::{Flock, FlockArg},
    unistd::geteuid,
};

use crate::printable::printable;

/// The folder, held for as long as it is used.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    total: u64,
    /// Oldest first; the last one may be in use.
    files: VecDeque<Kept>,
    next: u64,
    _lock: Flock<File>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    name: String,
    number: u64,
    bytes: u64,
}

impl Folder {
    /// Takes it over, with the files of earlier runs; makes it if there is none.
    pub(super) fn open(path: &Path, total: u64) -> anyhow::Result<Self> {
        let shown = printable(&path.to_string_lossy()).into_owned();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("cannot make the evidence folder {shown}"))?;
        let about = fs::metadata(path).with_context(|| format!("cannot use the evidence folder {shown}"))?;
        ensure!(
            about.uid() == geteuid().as_raw(),
            "the evidence folder {shown} belongs to user {}, not to this one",
            about.uid()
        );
        if about.mode() & 0o077 != 0 {
            bail!(
                "the evidence folder {shown} is open to others (mode {:04o}): packets are nobody else's; chmod 700 it",
                about.mode() & 0o7777
            );
        }
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join("lock"))
            .with_context(|| format!("cannot use the evidence folder {shown}"))?;
        let lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock)
            .map_err(|_| anyhow!("the evidence folder {shown} is in use by another checker"))?;
        let files = found(path).with_context(|| format!("cannot read the evidence folder {shown}"))?;
        let next = files.back().map_or(1, |last| last.number + 1);
        Ok(Self { path: path.to_owned(), total, files, next, _lock: lock })
    }

    /// A new file.
    pub(super) fn create(&mut self) -> io::Result<File> {
        let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
        let name = format!("evidence-{:06}-{now}.pcapng", self.next);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.path.join(&name))?;
        self.files.push_back(Kept { name, number: self.next, bytes: 0 });
        self.next += 1;
        Ok(file)
    }

    /// The newest file is so long now.
    pub(super) fn grew(&mut self, bytes: u64) {
        if let Some(newest) = self.files.back_mut() {
            newest.bytes = bytes;
        }
    }

    /// Nothing could be written to the newest file, so it is not kept.
    pub(super) fn take_back(&mut self) {
        if let Some(newest) = self.files.pop_back() {
            // It is found when the daemon starts again.
            let _left = fs::remove_file(self.path.join(newest.name));
        }
    }

    /// Makes room for so many bytes more, at the cost of the oldest files but never of the newest. How many went.
    pub(super) fn make_room(&mut self, bytes: u64) -> u64 {
        let mut removed = 0;
        while self.bytes() + bytes > self.total && self.files.len() > 1 {
            let Some(oldest) = self.files.pop_front() else { break };
            // What somebody else has removed is gone as well; what cannot be removed must not stop the rest.
            let _gone = fs::remove_file(self.path.join(oldest.name));
            removed += 1;
        }
        removed
    }

    /// How many files there are.
    pub(super) fn len(&self) -> u64 {
        self.files.len() as u64
    }

    /// Their bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

fn found(path: &Path) -> io::Result<VecDeque<Kept>> {
    let mut files = VecDeque::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let number = name.strip_prefix("evidence-").filter(|rest| rest.ends_with(".pcapng"));
        let number = number.and_then(|rest| rest.split_once('-')?.0.parse().ok());
        if let Some(number) = number {
            let bytes = entry.metadata()?.len();
            files.push_back(Kept { name, number, bytes });
        }
    }
    files.make_contiguous().sort_by_key(|file| file.number);
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_that_others_may_read_or_use_is_refused() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("evidence");
        let folder = Folder::open(&path, 1).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        let refused = Folder::open(&path, 1).unwrap_err().to_string();
        assert!(refused.ends_with("is in use by another checker"), "{refused}");
        drop(folder);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        let refused = Folder::open(&path, 1).unwrap_err().to_string();
        assert!(refused.contains("is open to others (mode 0750): "), "{refused}");
        let file = outer.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(Folder::open(&file, 1).is_err());
    }

    #[test]
    fn the_oldest_give_way_and_numbers_go_on() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("evidence");
        let mut folder = Folder::open(&path, 100).unwrap();
        for _ in 0..3 {
            folder.create().unwrap();
            folder.grew(40);
        }
        assert_eq!(folder.make_room(10), 1);
        assert_eq!((folder.len(), folder.bytes()), (2, 80));
        assert_eq!(folder.make_room(1_000), 1, "the newest stays");
        drop(folder);
        fs::write(path.join("evidence-000009-20261127T180000Z.pcapng"), [0; 70]).unwrap();
        fs::write(path.join("notes.txt"), "mine").unwrap();

        let mut folder = Folder::open(&path, 60).unwrap();
        assert_eq!((folder.len(), folder.bytes()), (2, 70));
        let file = folder.create().unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(folder.make_room(10), 2);
        let mut names: Vec<_> = fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert!(names[0].starts_with("evidence-000010-") && names[1..] == ["lock", "notes.txt"], "{names:?}");
    }
}
