//! Each fuzz target for a few seconds: that it can be built and run, and that nothing lies right beside the corpus.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};

use super::{CORPORA, Sees, build, run};
use crate::step::{Step, say};

/// The same each time, whichever ends first.
const BOUNDS: [&str; 3] = ["-seed=1", "-runs=20000", "-max_total_time=5"];

/// As many as the smallest machine has cores.
const AT_ONCE: usize = 2;

/// Lines of what a target printed that are shown when it fails.
const SHOWN: usize = 40;

pub(crate) fn smoke(task: &str) -> Result<()> {
    let program = build(task, Sees::Ours)?;
    let targets = targets()?;
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = one(task, &program, target) {
                        say(&format!("fuzz: {target}: {error:#}"));
                        lock(&failed).push(target.as_str());
                    }
                }
            });
        }
    });
    let failed = lock(&failed);
    ensure!(failed.is_empty(), "fuzz targets failed: {}", failed.join(", "));
    Ok(())
}

/// Those that have a corpus; a test sees to it that this is all of them.
fn targets() -> Result<Vec<String>> {
    let entries = fs::read_dir(CORPORA).with_context(|| format!("cannot read {CORPORA}"))?;
    let name = |entry: std::io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut targets = entries.map(name).collect::<Result<Vec<_>>>()?;
    targets.sort();
    Ok(targets)
}

fn one(task: &str, program: &Path, target: &str) -> Result<()> {
    let run = BOUNDS.into_iter().fold(run(program, target)?, Step::arg);
    let ended = run
        .start(task)?
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("cannot start `{run}`"))?;
    let printed = String::from_utf8_lossy(&ended.stderr);
    if !ended.status.success() {
        let lines: Vec<_> = printed.lines().collect();
        bail!("{}\n{}", ended.status, lines[lines.len().saturating_sub(SHOWN)..].join("\n"));
    }
    let done = printed.lines().find(|line| line.contains("DONE")).unwrap_or_default();
    say(&format!("fuzz: {target}: {}", done.split_whitespace().collect::<Vec<_>>().join(" ")));
    Ok(())
}

fn lock<'a>(names: &'a Mutex<Vec<&'a str>>) -> MutexGuard<'a, Vec<&'a str>> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}
