//! `xdp-loader`, where it stands, and what it says.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

const NAME: &str = "xdp-loader";

/// Folders that are not in everybody's `PATH`.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/// Where it stands; `None` when it is not installed.
pub(super) fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(FOLDERS.map(PathBuf::from));
    folders.map(|folder| folder.join(NAME)).find(|tool| tool.is_file())
}

/// How long another `xdp-loader` may be at work: there is one at a time (`prog_lock_get`, `lib/util/util.c` of xdp-tools),
/// and a second one does not wait.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs it.
///
/// # Errors
///
/// Its words, when it fails.
pub(super) fn run(tool: &Path, words: &[&str]) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let output = Command::new(tool).args(words).stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("cannot run {}", tool.display()))?;
        if output.status.success() {
            return Ok(());
        }
        let said = words_of(&[output.stderr, output.stdout].concat());
        if !said.contains("lock") || began.elapsed() > PATIENCE {
            bail!("{NAME} failed: {said}");
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// What it printed, in one line.
pub(super) fn words_of(printed: &[u8]) -> String {
    let printed = String::from_utf8_lossy(printed);
    let lines: Vec<_> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("; ")
}
