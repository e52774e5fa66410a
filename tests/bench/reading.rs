//! `cargo xtask bench lists`: a file of a million prefixes, from the bytes to the table that addresses are looked up in, on
//! one core; and the whole command beside `iprange`, which merges the same file.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use checker_user::ranges::{
    classes::Classes, compile::compile, gather::gather, merge::merge, spec::ListSpec,
};
use harness::checker::binary;
use nix::sched::sched_getcpu;
use serde_json::json;

use crate::{
    core::pin,
    lists::{Random, clustered, scattered},
    report::{Spread, say},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Reading {
    /// Prefixes of the generated lists
    #[arg(long, default_value_t = 1_000_000)]
    prefixes: usize,
    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Where the JSON goes
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Only compile this list, and tell seconds and kilobytes: what the bench calls itself for
    #[arg(long, hide = true, value_name = "PATH")]
    only: Option<PathBuf>,
}

/// One list, and what was measured with it.
struct Row {
    list: &'static str,
    /// From the file to the table, in a process of its own.
    compiled: Vec<f64>,
    /// The most memory that process had, in MB.
    memory: Vec<f64>,
    /// `checker convert` as a whole.
    convert: Vec<f64>,
    /// `iprange` as a whole.
    iprange: Vec<f64>,
}

pub(crate) fn measure(options: &Reading) -> Result<()> {
    if let Some(path) = &options.only {
        return only(path);
    }
    let folder = tempfile::Builder::new().prefix("checker-bench-").tempdir()?;
    let mut rows = Vec::new();
    for (name, text) in [
        ("clustered, sorted", clustered(false, options.prefixes, 1)),
        ("clustered, shuffled", shuffled(&clustered(false, options.prefixes, 1))),
        ("scattered, shuffled", shuffled(&scattered(false, options.prefixes, 2))),
    ] {
        let path = folder.path().join("list.txt");
        fs::write(&path, text)?;
        rows.push(row(name, &path, options)?);
    }
    report(&rows, options)
}

/// Each in turn, so that what else the machine does is the same for all.
fn row(list: &'static str, path: &Path, options: &Reading) -> Result<Row> {
    let mut row =
        Row { list, compiled: Vec::new(), memory: Vec::new(), convert: Vec::new(), iprange: Vec::new() };
    let [ours, theirs] = ["ours", "theirs"].map(|name| path.with_file_name(name));
    let there = Command::new("iprange").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if there.is_err() {
        say("not measured: iprange: missing (package iprange)");
    }
    for _ in 0..options.rounds {
        let (seconds, kilobytes) = apart(path)?;
        row.compiled.push(seconds);
        row.memory.push(kilobytes / 1e3);
        let mut convert = Command::new(binary()?);
        convert.args(["convert", "-q", "-l"]).arg(format!("ONE={}", path.display()));
        row.convert.push(timed(&mut convert, &ours)?);
        if there.is_ok() {
            row.iprange.push(timed(Command::new("iprange").arg(path), &theirs)?);
        }
    }
    if there.is_ok() {
        ensure!(lines(&ours)? == lines(&theirs)?, "checker and iprange merge {list} to different prefixes");
    }
    Ok(row)
}

/// The merged prefixes in one order, without comments; iprange leaves out the length of an address.
fn lines(path: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(path)?;
    let nets = text.lines().filter(|line| !line.starts_with('#'));
    let mut lines: Vec<_> = nets.map(|line| line.strip_suffix("/32").unwrap_or(line).to_owned()).collect();
    lines.sort_unstable();
    Ok(lines)
}

fn apart(path: &Path) -> Result<(f64, f64)> {
    let own = std::env::current_exe().context("this bench has no path of its own")?;
    let output =
        Command::new(own).args(["lists", "--only"]).arg(path).output().context("cannot start it again")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout)?;
    let (seconds, kilobytes) = told.trim().split_once(' ').context("it told something else")?;
    Ok((seconds.parse()?, kilobytes.parse()?))
}

fn only(path: &Path) -> Result<()> {
    // The one that it runs on already.
    pin(sched_getcpu()?)?;
    let spec: ListSpec = format!("ONE={}", path.display()).parse()?;
    let began = Instant::now();
    let lists = gather(&[spec])?.into_iter().map(Arc::new).collect();
    let compiled = compile(merge(lists, &mut Classes::default())?);
    let seconds = began.elapsed().as_secs_f64();
    ensure!(!compiled.is_empty(), "the list is empty");
    let status = fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    say(&format!("{seconds} {}", most.trim().trim_end_matches(" kB")));
    Ok(())
}

fn timed(command: &mut Command, to: &Path) -> Result<f64> {
    let began = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(File::create(to)?).status()?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(status.success(), "{command:?}: {status}");
    Ok(seconds)
}

/// Fisher and Yates.
fn shuffled(text: &str) -> String {
    let mut random = Random(3);
    let mut lines: Vec<_> = text.lines().collect();
    for at in (1..lines.len()).rev() {
        lines.swap(at, random.below(at as u64 + 1) as usize);
    }
    lines.join("\n") + "\n"
}

fn report(rows: &[Row], options: &Reading) -> Result<()> {
    say(&format!(
        "{:<22} {:>9} {:>15} {:>8} {:>11} {:>9} {:>7}",
        "", "compiled", "(quartiles)", "memory", "convert", "iprange", "share"
    ));
    let mut all = Vec::new();
    for row in rows {
        let spread = |figures: &[f64]| Spread::of(figures.to_vec());
        let Spread { median, low, high } = spread(&row.compiled);
        let [memory, convert, iprange] =
            [&row.memory, &row.convert, &row.iprange].map(|figures| spread(figures).median);
        // Round by round: each pair ran within the same second.
        let shares = row.convert.iter().zip(&row.iprange).map(|(ours, theirs)| ours / theirs);
        let share = Spread::of(shares.collect()).median;
        say(&format!(
            "{:<22} {median:>7.3} s {:>15} {memory:>5.0} MB {convert:>9.3} s {iprange:>7.3} s {share:>7.2}",
            row.list,
            format!("({low:.3}–{high:.3})"),
        ));
        all.push(json!({
            "list": row.list, "prefixes": options.prefixes, "rounds": options.rounds,
            "compiled_s": { "median": median, "low": low, "high": high }, "memory_mb": memory,
            "convert_s": convert, "iprange_s": iprange, "share_of_iprange": share,
        }));
    }
    fs::create_dir_all(&options.out).with_context(|| format!("cannot make {}", options.out.display()))?;
    let path = options.out.join("lists.json");
    fs::write(&path, serde_json::to_string_pretty(&all)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("written: {}", path.display()));
    Ok(())
}
