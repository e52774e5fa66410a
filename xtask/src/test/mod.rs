//! `cargo xtask test`: all that can be checked on this machine, cheapest first, up to the first step that fails.
//! The last line counts the tests.

mod kernels;
mod tally;
mod leftovers;

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, Result, ensure};
use leftovers::Traces;
use tally::Tally;

use crate::step::{self, POWER, Power, Step, say};
use crate::{fuzz, runner, setup};

const TASK: &str = "test";

pub(crate) fn test(ci: bool, kernels: bool) -> ExitCode {
    let ci = ci || env::var_os("CI").is_some_and(|value| value == "true");
    let mut tally = None;
    let ended = if kernels {
        setup::setup(false).and_then(|()| under_older_kernels(&kernels::provide()?, &mut tally))
    } else {
        everything(ci, &mut tally)
    };
    let code = ended.map_or_else(|error| step::fail(&error), |()| ExitCode::SUCCESS);
    if let Some(tally) = tally {
        say(&tally.to_string());
    }
    code
}

fn everything(ci: bool, tally: &mut Option<Tally>) -> Result<()> {
    check(ci)?;
    // Now rather than after all tests, if they cannot be had.
    let kernels = kernels::provide();
    run_tests(ci, kernels.is_ok(), tally)?;
    fuzz::smoke(TASK)?;
    match kernels {
        Ok(parts) => under_older_kernels(&parts, tally),
        Err(error) if ci => Err(error.context("nothing was tested under older kernels")),
        Err(error) => {
            say(&format!("test: skipped: older kernels: {error:#}"));
            Ok(())
        }
    }
}

fn under_older_kernels(parts: &kernels::Parts, tally: &mut Option<Tally>) -> Result<()> {
    kernels::run(parts, tally.get_or_insert_default())
}

/// Everything that runs no test.
fn check(ci: bool) -> Result<()> {
    // In CI nothing may be skipped for want of a program.
    setup::setup(ci)?;
    setup::testing()?;
    Step::new("cargo fmt --all --check").run(TASK)?;
    Step::new("cargo clippy --workspace --exclude checker-ebpf --all-targets --features checker-tests/bench")
        .arg("--")
        .arg("-D")
        .arg("warnings")
        .run(TASK)?;
    // The kernel program's library, on the host; its hook needs the BPF target, for which there is no clippy.
    Step::new("cargo clippy -p checker-ebpf --lib --features kernel-log -- -D warnings").run(TASK)?;
    Step::new("cargo doc --workspace --exclude checker-ebpf --no-deps")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run(TASK)?;
    // The command that the tests run.
    Step::new("cargo build --release -p checker-user").run(TASK)
}

/// Tests that want more of a kernel than the one of this machine may have: dispatchers, bonds, VLAN devices. Both guests have
/// all of it, so there they cannot pass without it, as they could here. No name of another test has these words.
const IN_GUESTS_ONLY: [&str; 2] = ["libxdp::", "kinds::"];

fn run_tests(ci: bool, guests: bool, tally: &mut Option<Tally>) -> Result<()> {
    let before = Traces::look();
    let left: &[&str] = if guests { &IN_GUESTS_ONLY } else { &[] };
    if guests {
        say(&format!("test: {} are for the guests", left.join(" and ")));
    }
    let without = |step: Step| left.iter().fold(step, |step, name| step.arg("--skip").arg(*name));
    let tests = || {
        Step::new(
            "cargo test --workspace --exclude checker-ebpf --features checker-tests/bench --no-fail-fast",
        )
    };
    // Tests that need root are marked ignored.
    let (total, passed) = if *POWER == Power::Root {
        count(&without(tests().arg("--").arg("--include-ignored")))?
    } else {
        let (user, user_passed) = count(&tests())?;
        *tally = Some(user);
        let privileged = runner::as_root(without(tests().arg("--").arg("--ignored")));
        match privileged {
            Ok(step) => {
                let (root, root_passed) = count(&step)?;
                (user.and_as_root(root), user_passed && root_passed)
            }
            Err(error) => {
                say(&format!("test: skipped: {error:#}"));
                (user, user_passed)
            }
        }
    };
    *tally = Some(total);
    ensure!(total.failed == 0, "tests failed");
    ensure!(passed, "cargo test failed, though no test did: see above");
    ensure!(!ci || total.skipped == 0, "tests were skipped, and in CI none may be");
    before.ensure_nothing_new()
}

/// Runs the tests in plain sight, and counts. Also says whether cargo was content.
fn count(step: &Step) -> Result<(Tally, bool)> {
    let mut child =
        step.start(TASK)?.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{step}`"))?;
    let output = child.stdout.take().context("cargo test has no output to read")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).split(b'\n') {
        let mut line = line.context("cannot read what cargo test prints")?;
        tally.add(&String::from_utf8_lossy(&line));
        line.push(b'\n');
        io::stdout().write_all(&line).context("cannot print what cargo test prints")?;
    }
    let status = child.wait().context("cannot wait for cargo test")?;
    Ok((tally, status.success()))
}
