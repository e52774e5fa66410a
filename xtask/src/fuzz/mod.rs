//! `cargo xtask fuzz [TARGET]`: parsers under libFuzzer, one for as long as you like, or all for a few seconds. Stable Rust is enough: what libFuzzer
//! needs of the compiler is an LLVM pass, and those are not behind a `-Z`.

mod smoke;

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

pub(crate) use smoke::smoke;

use crate::runner;
use crate::setup;
use crate::step::{Step, capture};

/// Edges, comparisons and stack depth, as cargo-fuzz asks for them; and arithmetic that overflows is a find.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-sanitizer-coverage-stack-depth \
                     -Cdebug-assertions -Coverflow-checks --cfg=fuzzing";

/// Whose code libFuzzer sees.
#[derive(Clone, Copy, Debug)]
enum Sees {
    /// The workspace's own. All else is what the release is built of already.
    Ours,
    /// Also that of the crates, which takes several minutes to build and finds more.
    All,
}

/// No input may cost more memory or time than that.
const LIMITS: [&str; 2] = ["-rss_limit_mb=1024", "-timeout=10"];

/// Beside what else is built, wherever `CARGO_TARGET_DIR` points.
const BUILT: &str = "target";

/// Has rustc do that for the workspace's own crates alone.
const WRAPPER: &str = "tests/fuzz/coverage.sh";

/// Where targets start from, each in a folder of its own.
const CORPORA: &str = "tests/fuzz/corpus";

pub(crate) fn fuzz(target: Option<&str>, arguments: Vec<String>) -> Result<()> {
    let Some(target) = target else {
        setup::fuzzing()?;
        return smoke("fuzz");
    };
    ensure!(Path::new(CORPORA).join(target).is_dir(), "{target} is no target; the folders of {CORPORA} are");
    setup::fuzzing()?;
    let program = build("fuzz", Sees::All)?;
    let fuzz = arguments.into_iter().fold(run(&program, target)?, Step::arg);
    let error = fuzz.start("fuzz")?.exec();
    Err(error).with_context(|| format!("cannot start `{fuzz}`"))
}

/// Builds all targets, in one program.
fn build(task: &str, sees: Sees) -> Result<PathBuf> {
    let package =
        "cargo build --release -p checker-fuzz --bin checker-fuzz --features libfuzzer --target-dir";
    let step = Step::new(&format!("{package} {BUILT}"));
    let (step, folder) = match sees {
        Sees::Ours => {
            let wrapper = fs::canonicalize(WRAPPER).with_context(|| format!("there is no {WRAPPER}"))?;
            let step = step.env("CHECKER_FUZZ_FLAGS", FLAGS);
            (step.env("RUSTC_WORKSPACE_WRAPPER", wrapper.display().to_string()), PathBuf::new())
        }
        Sees::All => {
            let version = capture("rustc", &["-vV"]).context("cannot ask rustc what it compiles for")?;
            let host = runner::host(&version).context("`rustc -vV` does not name its host")?;
            // Where the host is named, build scripts and macros are built without the flags.
            (step.arg("--target").arg(host).env("RUSTFLAGS", FLAGS), host.into())
        }
    };
    step.run(task)?;
    Ok(Path::new(BUILT).join(folder).join("release/checker-fuzz"))
}

/// The command that runs one. What ends it is left in `target/fuzz/crashes`, from where it is copied to
/// `tests/fuzz/regressions`; what it finds on its way is kept for the next run.
fn run(program: &Path, target: &str) -> Result<Step> {
    let crashes = folder("crashes")?;
    let run = Step::new(&program.display().to_string()).env("CHECKER_FUZZ", target);
    let run = LIMITS.into_iter().fold(run, Step::arg);
    let run = run.arg(format!("-artifact_prefix={}/{target}-", crashes.display()));
    Ok(run.arg(folder(&format!("found/{target}"))?.display().to_string()).arg(format!("{CORPORA}/{target}")))
}

fn folder(name: &str) -> Result<PathBuf> {
    let folder = Path::new(BUILT).join("fuzz").join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
