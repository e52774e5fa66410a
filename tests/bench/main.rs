//! `cargo xtask bench classify`: what a verdict costs, side by side with other ways to find it, in one run; and
//! `cargo xtask bench scan`: what a log costs; and `cargo xtask bench lists`: what reading a list costs;
//! and `cargo xtask bench alerts`: what comes behind a verdict.
//!
//! It installs nothing and leaves nothing behind: what has packets happens in a network namespace of its own.

mod kernel;
mod lists;
mod traffic;
mod path;
mod rivals;
mod flood;
mod loading;
mod report;
mod plot;
mod access_log;
mod scan;
mod captures;
mod reading;
mod alerts;
mod core;

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand};
use nix::sched::{CloneFlags, unshare};

#[derive(Debug, Parser)]
#[command(name = "checker-bench", bin_name = "cargo xtask bench", about = "Measures checker beside others")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The cost of one verdict
    Classify(Classify),
    /// The cost of a log and of a capture
    Scan(scan::Scan),
    /// The cost of reading a list
    Lists(reading::Reading),
    /// The cost of an alert
    Alerts(alerts::Alerts),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Classify {
    /// A list to measure beside the generated ones; several files are one list when joined by commas
    #[arg(long, value_name = "PATH[,PATH]…")]
    list: Vec<String>,
    /// Measure no generated lists
    #[arg(long)]
    no_generated: bool,
    /// Measure the programs only, not nftables and ipset
    #[arg(long)]
    no_rivals: bool,
    /// Measure no loading and freeing
    #[arg(long)]
    no_loading: bool,
    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Packets of a round
    #[arg(long, default_value_t = 1 << 18)]
    packets: u32,
    /// Where table, JSON and plot go
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
}

/// One list to measure.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) text: String,
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Classify(options) => classify(&options),
        What::Scan(options) => scan::measure(&options),
        What::Lists(options) => reading::measure(&options),
        What::Alerts(options) => alerts::measure(&options),
    }
}

fn classify(options: &Classify) -> Result<()> {
    ensure!(nix::unistd::geteuid().is_root(), "loading programs needs root");
    unshare(CloneFlags::CLONE_NEWNET).context("cannot make a network namespace")?;
    let mut report = report::Report::default();
    for subject in subjects(options)? {
        path::measure(&subject, options, &mut report)?;
    }
    if !options.no_rivals {
        rivals::measure(options, &mut report)?;
    }
    flood::measure(options, &mut report)?;
    if !options.no_loading {
        loading::measure(&mut report)?;
    }
    fs::create_dir_all(&options.out).with_context(|| format!("cannot make {}", options.out.display()))?;
    report.write(&options.out)
}

fn subjects(options: &Classify) -> Result<Vec<Subject>> {
    let mut subjects = Vec::new();
    for list in &options.list {
        let mut text = String::new();
        for path in list.split(',') {
            text += &fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
            text.push('\n');
        }
        let name = list.split(',').next().unwrap_or_default();
        let name = name.rsplit('/').take(2).collect::<Vec<_>>();
        let name = name.into_iter().rev().collect::<Vec<_>>().join("/");
        let more = list.split(',').count() - 1;
        let name = if more == 0 { name } else { format!("{name}+{more}") };
        subjects.push(Subject { name, text });
    }
    if options.no_generated {
        return Ok(subjects);
    }
    for (v6, counts) in [(false, &[1_000, 20_000, 100_000, 1_000_000][..]), (true, &[1_000, 20_000, 200_000])]
    {
        let family = if v6 { "IPv6" } else { "IPv4" };
        for &count in counts {
            subjects.push(Subject {
                name: format!("{family} clustered {}k", count / 1000),
                text: lists::clustered(v6, count, 1),
            });
            subjects.push(Subject {
                name: format!("{family} scattered {}k", count / 1000),
                text: lists::scattered(v6, count, 2),
            });
        }
    }
    Ok(subjects)
}
