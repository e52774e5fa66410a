//! A Rust toolchain that compiles for BPF: Debian's packages where they are to be had, as they need no nightly; else a
//! nightly with `rust-src` through rustup.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use super::packages;
use crate::needs::{self, DEBIAN_PACKAGES, DEBIAN_TOOLCHAIN, LINKER_LLVM, LINKER_VERSION, Linker, NIGHTLY};
use crate::probe;
use crate::step::{Step, say};

/// Makes sure that there is a toolchain for a linker that is there, or for the one that set-up installs.
pub(crate) fn provide(tools: &Path) -> Result<()> {
    if fitting(tools) {
        return Ok(());
    }
    let debian = from_debian();
    if debian.is_ok() && fitting(tools) {
        return Ok(());
    }
    let debian = debian.err().unwrap_or_else(|| too_new(tools));
    say(&format!("setup: not with Debian's packages: {debian:#}"));
    let rustup = from_rustup();
    if rustup.is_ok() && fitting(tools) {
        return Ok(());
    }
    let rustup = rustup.err().unwrap_or_else(|| too_new(tools));
    bail!(
        "no Rust toolchain for BPF could be installed.
With Debian's packages: {debian:#}.
With rustup: {rustup:#}.
Make one of the two work, then run this again."
    )
}

fn fitting(tools: &Path) -> bool {
    let found = needs::look(tools);
    let ours = Linker { path: tools.join("bin/bpf-linker"), llvm: None };
    found.toolchains.iter().any(|toolchain| ours.fits(toolchain)) || found.route().is_some()
}

fn from_debian() -> Result<()> {
    let unknown = packages::unknown(&DEBIAN_PACKAGES)?.context("there is no apt")?;
    ensure!(unknown.is_empty(), "apt has no package {}", unknown.join(", "));
    packages::install(&DEBIAN_PACKAGES)?;
    if !probe::has_rustup() {
        return Ok(());
    }
    if let Some(other) = probe::sysroot(DEBIAN_TOOLCHAIN) {
        ensure!(
            other == Path::new("/usr"),
            "rustup already has a toolchain called `{DEBIAN_TOOLCHAIN}`, at {}",
            other.display()
        );
    }
    Step::new(&format!("rustup toolchain link {DEBIAN_TOOLCHAIN} /usr")).run("setup")
}

fn from_rustup() -> Result<()> {
    ensure!(probe::has_rustup(), "there is no rustup");
    let install = format!("rustup toolchain install {NIGHTLY} --profile minimal --component rust-src");
    Step::new(&install).run("setup")
}

fn too_new(tools: &Path) -> anyhow::Error {
    let found = needs::look(tools);
    let Some(toolchain) = found.toolchains.last() else {
        return anyhow!("what was installed has no `core` for {}", needs::TARGET);
    };
    let llvm = toolchain.llvm;
    anyhow!(
        "toolchain `{}` has LLVM {llvm}, and bpf-linker {LINKER_VERSION} works with LLVM {LINKER_LLVM}; a bpf-linker that \
         fits it needs `apt-get install llvm-{llvm}-dev libzstd-dev zlib1g-dev`, then `LLVM_PREFIX=/usr/lib/llvm-{llvm} \
         cargo install bpf-linker --locked --no-default-features --features llvm-{llvm} --root target/tools`",
        toolchain.name
    )
}
