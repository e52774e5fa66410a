//! Which files and folders a daemon needs while it runs.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// What is read everywhere: certificates, names of hosts and time zones; facts about processes and devices. Whole
/// folders, since such files are replaced by others of the same name.
const SYSTEM: [&str; 10] = [
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/proc",
    "/sys",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/dev/urandom",
];

/// Folders, by what the daemon may do in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Files that are read again while it runs.
    read_again: Vec<PathBuf>,
    reads: Vec<PathBuf>,
    /// So many of them are read everywhere.
    system: usize,
    writes: Vec<PathBuf>,
    /// Empty folders in these may be removed.
    removes: Vec<PathBuf>,
    /// Whether packet sockets are opened again.
    pub packets: bool,
}

impl Places {
    /// With what is read everywhere.
    #[must_use]
    pub fn new() -> Self {
        let mut reads: Vec<PathBuf> = SYSTEM.map(PathBuf::from).into();
        // Where the system's certificates are not where they usually are.
        reads
            .extend(["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter_map(env::var_os).map(PathBuf::from));
        let (system, writes) = (reads.len(), vec!["/dev/null".into(), "/sys/fs/bpf".into()]);
        Self { read_again: Vec::new(), reads, system, writes, removes: Vec::new(), packets: false }
    }

    /// A file that is read again: in its folder, since it may be replaced, and where it is a link to.
    pub fn file(&mut self, path: &Path) {
        self.reads.extend(folder(path));
        if let Ok(real) = fs::canonicalize(path) {
            self.reads.extend(folder(&real));
        }
        self.read_again.push(path.to_owned());
    }

    /// A folder of files that may be read.
    pub fn folder(&mut self, path: &Path) {
        self.reads.push(path.to_owned());
    }

    /// A file that is written, and may be made or removed: in its folder.
    pub fn written(&mut self, path: &Path) {
        self.writes.extend(folder(path));
        if let Ok(real) = fs::canonicalize(path) {
            self.writes.extend(folder(&real));
        }
    }

    /// A folder in which files are made and removed.
    pub fn written_folder(&mut self, path: &Path) {
        self.writes.push(path.to_owned());
    }

    /// A folder that is removed if it is empty.
    pub fn removed(&mut self, path: &Path) {
        self.removes.extend(folder(path));
    }

    /// Folders of lists: what was named, without what is read everywhere.
    pub(super) fn lists(&self) -> Vec<PathBuf> {
        let mut named: Vec<_> = self.reads[self.system..].to_vec();
        named.sort_unstable();
        named.dedup();
        named
    }

    /// Files that are read again.
    pub(super) fn read_again(&self) -> &[PathBuf] {
        &self.read_again
    }

    /// Folders, or files, that may be read.
    pub(super) fn reads(&self) -> &[PathBuf] {
        &self.reads
    }

    /// Folders in which empty folders may be removed.
    pub(super) fn removes(&self) -> &[PathBuf] {
        &self.removes
    }

    /// Folders in which everything may be done but running programs.
    pub(super) fn writes(&self) -> &[PathBuf] {
        &self.writes
    }
}

fn folder(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    Some(if folder.as_os_str().is_empty() { ".".into() } else { folder.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_the_folder_that_it_leads_to() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let real = root.path().canonicalize()?.join("store");
        fs::create_dir(&real)?;
        fs::write(real.join("2026.txt"), "")?;
        let link = root.path().join("current.txt");
        std::os::unix::fs::symlink(real.join("2026.txt"), &link)?;
        let mut places = Places::new();
        places.file(&link);
        assert!(places.reads().contains(&root.path().to_owned()) && places.reads().contains(&real));
        places.written(Path::new("alerts.json"));
        assert!(places.writes().contains(&PathBuf::from(".")));
        Ok(())
    }
}
