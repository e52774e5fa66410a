//! What building the eBPF object needs, and which of it this machine has.
//!
//! `cargo xtask setup` includes this file too: what the set-up calls enough must be enough for the build.

use std::env;
use std::path::{Path, PathBuf};

use crate::probe;

/// The nightly that set-up installs. Pinned: the linker borrows its LLVM, and later nightlies have one too new for it.
pub(crate) const NIGHTLY: &str = "nightly-2026-05-20";

/// Rust with a prebuilt `core` for BPF, for machines that cannot install `rust-src`.
pub(crate) const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "libstd-rust-web-dev-bpf"];

/// The name that rustup knows the Debian toolchain by.
pub(crate) const DEBIAN_TOOLCHAIN: &str = "bpf";

/// The last release that borrows the LLVM of a Rust toolchain instead of linking a system one.
pub(crate) const LINKER_VERSION: &str = "0.10.1";

/// The LLVM that release was written for.
pub(crate) const LINKER_LLVM: u32 = 22;

pub(crate) const TARGET: &str =
    if cfg!(target_endian = "big") { "bpfeb-unknown-none" } else { "bpfel-unknown-none" };

/// Where `core` for BPF comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Core {
    Source,
    Prebuilt,
}

/// A Rust toolchain that can compile for BPF.
#[derive(Debug)]
pub(crate) struct Toolchain {
    pub(crate) name: &'static str,
    pub(crate) core: Core,
    pub(crate) llvm: u32,
    /// The LLVM that its rustc is linked to; absent if it is linked statically.
    pub(crate) libllvm: Option<PathBuf>,
}

/// A bpf-linker.
#[derive(Debug)]
pub(crate) struct Linker {
    pub(crate) path: PathBuf,
    /// The LLVM it is linked to; absent if it borrows one when it runs.
    pub(crate) llvm: Option<u32>,
}

impl Linker {
    /// A linker reads no bitcode newer than its own LLVM, and the LLVM it borrows must be the one it was written for.
    pub(crate) fn fits(&self, toolchain: &Toolchain) -> bool {
        match self.llvm {
            Some(own) => own >= toolchain.llvm,
            None => toolchain.llvm == LINKER_LLVM && toolchain.libllvm.is_some(),
        }
    }
}

/// What was found, best first.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) toolchains: Vec<Toolchain>,
    pub(crate) linkers: Vec<Linker>,
}

impl Found {
    /// The first toolchain that a linker fits.
    pub(crate) fn route(&self) -> Option<(&Toolchain, &Linker)> {
        self.toolchains.iter().find_map(|toolchain| {
            let linker = self.linkers.iter().find(|linker| linker.fits(toolchain))?;
            Some((toolchain, linker))
        })
    }
}

/// Looks at the machine. `tools` is where set-up keeps its own linker.
pub(crate) fn look(tools: &Path) -> Found {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [tools.join("bin")].into_iter().chain(env::split_paths(&path));
    Found {
        toolchains: [NIGHTLY, "nightly", DEBIAN_TOOLCHAIN].into_iter().filter_map(probe::toolchain).collect(),
        linkers: folders.filter_map(|folder| probe::linker(folder.join("bpf-linker"))).collect(),
    }
}
