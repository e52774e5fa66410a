//! `cargo xtask demo`: builds the program and the lab, then hands the terminal over to the lab.

use std::os::unix::process::CommandExt as _;

use anyhow::{Context as _, Result};

use crate::step::Step;
use crate::{runner, setup};

pub(crate) fn demo(keep: bool) -> Result<()> {
    setup::setup(false)?;
    Step::new("cargo build --release -p checker-user -p checker-tests").run("demo")?;
    // Cargo builds as the user and starts only the lab itself as root.
    let mut lab =
        runner::as_root(Step::new("cargo run --quiet --release -p checker-tests --bin checker-demo --"))?;
    if keep {
        lab = lab.arg("--keep");
    }
    let error = lab.start("demo")?.exec();
    Err(error).with_context(|| format!("cannot start `{lab}`"))
}
