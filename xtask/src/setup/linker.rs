//! bpf-linker, in a copy of our own: the user's ~/.cargo/bin is theirs.

use std::path::Path;

use anyhow::Result;

use crate::needs::{self, LINKER_VERSION};
use crate::step::{Step, say};

/// Makes sure that a linker fits a toolchain that is there.
pub(crate) fn provide(tools: &Path) -> Result<()> {
    if needs::look(tools).route().is_some() {
        return Ok(());
    }
    say("setup: bpf-linker is built from source, which takes a minute or two");
    // --force: a linker in our folder that fits nothing is no use.
    Step::new(&format!("cargo install bpf-linker --version {LINKER_VERSION} --locked --force --root"))
        .arg(tools.display().to_string())
        .run("setup")
}
