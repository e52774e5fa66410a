//! What a privileged test needs. Such tests are `#[ignore = "needs root: …"]`; when they run nevertheless and cannot,
//! they fail and say why: a test that passes without having looked is worse than none.

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use nix::unistd::geteuid;

/// The privileges for namespaces, raw frames and BPF.
///
/// # Errors
///
/// One sentence, when this process is not root.
pub fn root() -> Result<()> {
    ensure!(
        geteuid().is_root(),
        "this test needs root (network namespaces, raw frames, BPF): run `cargo xtask test`, which takes it"
    );
    Ok(())
}

/// A program that a test compares with.
///
/// # Errors
///
/// One sentence that says how to get it.
pub fn tool(name: &str) -> Result<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    // Debian keeps administrators' tools where an ordinary user's PATH does not look.
    let mut folders: Vec<_> = env::split_paths(&folders).collect();
    folders.extend(["/usr/sbin".into(), "/sbin".into()]);
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.with_context(|| {
        format!("this test needs {name}, which is not installed: `cargo xtask setup --bench` does it")
    })
}
