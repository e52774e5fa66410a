//! `cargo xtask bench`: builds the bench and hands the terminal over to it. It installs nothing; what is missing it names.

use std::os::unix::process::CommandExt as _;

use anyhow::{Context as _, Result};

use crate::runner;
use crate::step::Step;

const BENCH: &str = "--release -p checker-tests --features bench --bin checker-bench";

pub(crate) fn bench(arguments: Vec<String>) -> Result<()> {
    // The command that a log is scanned with.
    Step::new("cargo build --release -p checker-user").run("bench")?;
    Step::new(&format!("cargo build {BENCH}")).run("bench")?;
    // Cargo builds as the user and starts only the bench itself as root.
    let bench = runner::as_root(Step::new(&format!("cargo run --quiet {BENCH} --")))?;
    let bench = arguments.into_iter().fold(bench, Step::arg);
    let error = bench.start("bench")?.exec();
    Err(error).with_context(|| format!("cannot start `{bench}`"))
}
