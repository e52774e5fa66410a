//! The kernel program in other hands: loaded and attached with bpftool, as an administrator would.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use anyhow::{Context as _, Result, bail, ensure};
use aya::programs::loaded_links;
use checker_common::abi;
use checker_user::datapath::object;
use nix::sys::statfs::{BPF_FS_MAGIC, statfs};
use serde_json::Value;
use tempfile::TempDir;

use crate::{netns::Namespace, require};

/// Where pins can be.
const BPFFS: &str = "/sys/fs/bpf";

/// Tells apart the pins of one process.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The default object, loaded by bpftool and pinned; dropping it removes the pins.
#[derive(Debug)]
pub struct Pinned {
    /// Of the pins, one for each program.
    folder: PathBuf,
    /// The XDP program's.
    path: PathBuf,
}

impl Pinned {
    /// Loads and pins it.
    ///
    /// # Errors
    ///
    /// Without root, bpftool or bpffs; or what bpftool said.
    pub fn load() -> Result<Self> {
        require::root()?;
        let mounted = statfs(BPFFS).is_ok_and(|found| found.filesystem_type() == BPF_FS_MAGIC);
        ensure!(mounted, "no BPF file system at {BPFFS}: `cargo xtask setup` mounts it");
        let folder = TempDir::new()?;
        let file = folder.path().join("checker.bpf.o");
        fs::write(&file, object::DEFAULT)?;
        let number = NEXT.fetch_add(1, Relaxed);
        let pins = Path::new(BPFFS).join(format!("checker-test-{}-{number}", process::id()));
        let pinned = Self { path: pins.join(abi::PROGRAM), folder: pins };
        let pins = pinned.folder.to_string_lossy();
        // Of each program's type, libbpf learns from the name of its section.
        bpftool(None, &["prog", "loadall", &file.to_string_lossy(), &pins])?;
        Ok(pinned)
    }

    /// What bpftool says of it.
    ///
    /// # Errors
    ///
    /// What bpftool said.
    pub fn show(&self) -> Result<Value> {
        let shown = bpftool(None, &["--json", "prog", "show", "pinned", &self.path.to_string_lossy()])?;
        serde_json::from_str(&shown).with_context(|| format!("bpftool printed {shown:?}"))
    }

    /// Puts it on an interface through netlink, as `ip link set … xdp` would: no link holds it there.
    ///
    /// # Errors
    ///
    /// What bpftool said.
    pub fn attach(&self, namespace: &Namespace, interface: &str) -> Result<()> {
        let path = self.path.to_string_lossy();
        bpftool(Some(namespace), &["net", "attach", "xdp", "pinned", &path, "dev", interface])?;
        Ok(())
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // There is nobody to tell; `cargo xtask test` looks for pins that stayed.
        let _removed = fs::remove_dir_all(&self.folder);
    }
}

/// Takes a program off, as an administrator would, although somebody else holds the link.
///
/// # Errors
///
/// When the program has not exactly one link, or what bpftool said.
pub fn detach_link_of(program: u32) -> Result<()> {
    bpftool(None, &["link", "detach", "id", &link_of(program)?.to_string()])?;
    Ok(())
}

/// Pins a link that somebody else holds.
pub(crate) fn pin_link_of(program: u32, path: &Path) -> Result<()> {
    bpftool(None, &["link", "pin", "id", &link_of(program)?.to_string(), &path.to_string_lossy()])?;
    Ok(())
}

/// The number of a program's one link.
fn link_of(program: u32) -> Result<u32> {
    let links = loaded_links().flatten().filter(|link| link.program_id() == program);
    let [link] = links.map(|link| link.id()).collect::<Vec<_>>()[..] else {
        bail!("program {program} has not one link")
    };
    Ok(link)
}

fn bpftool(namespace: Option<&Namespace>, words: &[&str]) -> Result<String> {
    let mut command = Command::new(require::tool("bpftool")?);
    command.args(words);
    let output = match namespace {
        Some(namespace) => namespace.enter(|| command.output())?,
        None => command.output(),
    };
    let output = output.context("cannot start bpftool")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`bpftool {}`: {}", words.join(" "), said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
