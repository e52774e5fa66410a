//! The pins of one interface: made with a tight mode, held by one daemon, left alone when they are somebody else's.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow, bail, ensure};
use aya::maps::MapData;
use checker_common::abi;
use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
    sys::statfs::{BPF_FS_MAGIC, statfs},
    unistd::Uid,
};

use super::{filter, link};

/// The names of links.
pub(super) const INGRESS: &str = "ingress";
pub(super) const EGRESS: &str = "egress";

/// The ring of evidence that takes the place of the pinned one when all else is done.
pub(super) const NEXT_EVIDENCE: &str = "EVIDENCE_NEXT";

/// A folder in the folder, with the version of the maps in its name. Made last: without it, the rest is of a start that
/// did not come to its end.
const MARK: &str = "abi_";

/// The pins of one interface.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) interface: String,
    pub(super) path: PathBuf,
    /// It was whole when it was opened.
    pub(super) found: bool,
    /// It is whole: it stays when this is dropped.
    whole: bool,
    _held: Flock<File>,
}

/// Makes the folder of folders.
pub(super) fn make_root(root: &Path) -> anyhow::Result<()> {
    let there = root.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    let is_bpf = statfs(there).is_ok_and(|found| found.filesystem_type() == BPF_FS_MAGIC);
    ensure!(
        is_bpf,
        "{} is in no BPF file system; `mount -t bpf bpf /sys/fs/bpf` mounts one where the default is",
        root.display()
    );
    make(root)
}

/// The names of the interfaces that have a folder.
pub(super) fn names(root: &Path) -> Vec<String> {
    entries(root).into_iter().map(|name| name.replace(':', ".")).collect()
}

/// Dots are not allowed in names of the BPF file system (`bpf_lookup`, `kernel/bpf/inode.c`), colons not in those of
/// interfaces (`dev_valid_name`, `net/core/dev.c`).
pub(super) fn path(root: &Path, interface: &str) -> PathBuf {
    root.join(interface.replace('.', ":"))
}

/// The version of the maps in a folder, if it is whole.
pub(super) fn version(path: &Path) -> Option<String> {
    entries(path).into_iter().find_map(|name| name.strip_prefix(MARK).map(str::to_owned))
}

/// The number of the maps in a folder.
pub(super) fn identity(path: &Path) -> anyhow::Result<u32> {
    let map = MapData::from_pin(path.join(abi::ACTIVE));
    Ok(map.with_context(|| format!("{} has no maps", path.display()))?.info()?.id())
}

/// Whether the ring of evidence that is pinned there is one that is used; `None` without one.
pub(super) fn takes_evidence(path: &Path) -> Option<bool> {
    let ring = MapData::from_pin(path.join(abi::EVIDENCE)).ok()?;
    Some(ring.info().ok()?.max_entries() >= abi::EVIDENCE_BYTES)
}

impl Folder {
    /// Opens the folder, or makes it.
    pub(super) fn open(root: &Path, interface: &str, patience: Duration) -> anyhow::Result<Self> {
        make(&path(root, interface))?;
        let mut folder = Self::hold(root, interface, patience)?;
        let own = abi::VERSION.to_string();
        match version(&folder.path) {
            Some(version) if version == own => {
                (folder.found, folder.whole) = (true, true);
                // Of a start that did not come to its end.
                let _none = fs::remove_file(folder.path.join(NEXT_EVIDENCE));
            }
            Some(version) => {
                folder.whole = true;
                bail!(
                    "{interface} is pinned in {} by a checker whose kernel tables are of version {version}, and this \
                     one's are of version {own}: it is left alone, `checker detach -i {interface}` takes it off",
                    folder.path.display()
                );
            }
            None => folder.empty(),
        }
        Ok(folder)
    }

    /// Holds a folder that is there, whatever is in it. A daemon that ends may hold it a little longer than it listens.
    pub(super) fn hold(root: &Path, interface: &str, patience: Duration) -> anyhow::Result<Self> {
        let path = path(root, interface);
        own(&path)?;
        let file = File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        let held = lock(file, patience).map_err(|_| {
            anyhow!(
                "another checker daemon holds {}; `checker run --replace` takes over from it",
                path.display()
            )
        })?;
        Ok(Self { interface: interface.to_owned(), path, found: false, whole: false, _held: held })
    }

    /// The number of the maps in it.
    pub(super) fn identity(&self) -> anyhow::Result<u32> {
        identity(&self.path)
    }

    /// All is in it.
    pub(super) fn complete(&mut self) -> io::Result<()> {
        let next = self.path.join(NEXT_EVIDENCE);
        if next.exists() {
            fs::rename(next, self.path.join(abi::EVIDENCE))?;
        }
        if !self.whole {
            fs::DirBuilder::new().mode(0o700).create(self.path.join(format!("{MARK}{}", abi::VERSION)))?;
            self.whole = true;
        }
        Ok(())
    }

    pub(super) fn rename(&mut self, interface: &str) -> io::Result<()> {
        let new = self.path.with_file_name(interface.replace('.', ":"));
        fs::rename(&self.path, &new)?;
        (self.path, self.interface) = (new, interface.to_owned());
        Ok(())
    }

    /// Removes it and all that is in it.
    pub(super) fn remove(&mut self) {
        self.empty();
        if let Err(error) = fs::remove_dir(&self.path) {
            tracing::warn!("cannot remove {}: {error}", self.path.display());
        }
        if let Some(root) = self.path.parent() {
            // Others may have theirs in it.
            let _stays = fs::remove_dir(root);
        }
        // Nothing is left to be removed once more.
        self.whole = true;
    }

    fn empty(&self) {
        for name in [INGRESS, EGRESS] {
            link::take_off(&self.path.join(name));
        }
        filter::take_off(self);
        for name in entries(&self.path) {
            let path = self.path.join(name);
            if let Err(error) = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path)) {
                tracing::warn!("cannot remove {}: {error}", path.display());
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.whole {
            self.remove();
        }
    }
}

fn lock(mut file: File, patience: Duration) -> Result<Flock<File>, Errno> {
    let began = Instant::now();
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(held) => return Ok(held),
            Err((again, Errno::EWOULDBLOCK)) if began.elapsed() < patience => file = again,
            Err((_, error)) => return Err(error),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

pub(super) fn entries(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

fn make(path: &Path) -> anyhow::Result<()> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.with_context(|| format!("cannot make the folder {}", path.display()))?;
    own(path)
}

/// Whoever may write there could put another program in the place of ours.
pub(super) fn own(path: &Path) -> anyhow::Result<()> {
    let metadata =
        fs::symlink_metadata(path).with_context(|| format!("cannot look at {}", path.display()))?;
    let (uid, mode) = (metadata.uid(), metadata.mode() & 0o777);
    let own = Uid::effective().as_raw();
    ensure!(uid == own, "{} belongs to uid {uid}, not to {own}: it is left alone", path.display());
    ensure!(mode & 0o077 == 0, "{} is open to others (mode {mode:o}): it is left alone", path.display());
    Ok(())
}
