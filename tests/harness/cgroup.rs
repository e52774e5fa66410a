//! A group of processes that gets only so much memory, of the kernel's too.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use anyhow::{Context as _, Result, ensure};

use crate::{require, wait::wait_until};

/// Tells apart the groups of one process.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A memory cgroup, of either version; dropping it removes it. Drop what is in it first.
#[derive(Debug)]
pub struct Cgroup {
    folder: PathBuf,
    limit: &'static str,
}

impl Cgroup {
    /// A new one, without a limit.
    ///
    /// # Errors
    ///
    /// Without root, or where the kernel has no memory cgroups.
    pub fn new() -> Result<Self> {
        require::root()?;
        let (root, limit) = match Path::new("/sys/fs/cgroup/memory/memory.limit_in_bytes").exists() {
            true => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            false => ("/sys/fs/cgroup", "memory.max"),
        };
        if limit == "memory.max" {
            fs::write("/sys/fs/cgroup/cgroup.subtree_control", "+memory").context("no memory cgroups")?;
        }
        let name = format!("checker-test-{}-{}", process::id(), NEXT.fetch_add(1, Relaxed));
        let folder = Path::new(root).join(name);
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder, limit })
    }

    /// Puts a process into it; what it takes from now on counts.
    ///
    /// # Errors
    ///
    /// When it is gone.
    pub fn add(&self, pid: u32) -> Result<()> {
        fs::write(self.folder.join("cgroup.procs"), pid.to_string()).context("cannot put a process into it")
    }

    /// So many bytes; `None` is as many as there are.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn limit(&self, bytes: Option<u64>) -> Result<()> {
        let none = if self.limit == "memory.max" { "max" } else { "-1" };
        let limit = bytes.map_or_else(|| none.to_owned(), |bytes| bytes.to_string());
        fs::write(self.folder.join(self.limit), limit).context("cannot limit its memory")
    }

    /// Has pages of `file`, which is made, take all of `bytes`: whoever may wait for memory gets it at their cost, and
    /// whoever may not, as the kernel does not when it adds to a map, gets none.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn fill(&self, file: &Path, bytes: u64) -> Result<()> {
        let script = format!(
            "echo $$ >{}/cgroup.procs && head -c {bytes} /dev/zero >{file} && sync {file}",
            self.folder.display(),
            file = file.display()
        );
        let filled = Command::new("sh").args(["-c", &script]).output().context("cannot start sh")?;
        ensure!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
        Ok(())
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // A process that has just ended may still be in it; nobody is told of one that stays.
        let _removed = wait_until("the cgroup is empty", || fs::remove_dir(&self.folder));
    }
}
