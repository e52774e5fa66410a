//! A file of a million prefixes: how long until it is in force, here and elsewhere, and what freeing it does to
//! others on the machine.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, Result};
use checker_user::ranges::{
    classes::Classes, compile::compile, generation::Generation, merge::merge, parse::parse, source::read,
};
use nix::{
    libc,
    sched::{CpuSet, sched_setaffinity},
    unistd::Pid,
};
use serde_json::json;

use crate::{
    kernel::{Kernel, compiled},
    lists::clustered,
    report::Report,
    rivals::{ipset, missing, nft_table, run},
};

const MANY: usize = 1_000_000;

/// How long it is watched after the switch: checker takes forty seconds to free a million.
const WATCHED: Duration = Duration::from_secs(45);

/// How often a watcher looks.
const TICK: Duration = Duration::from_micros(200);

/// How often each is loaded.
const ROUNDS: usize = 3;

pub(crate) fn measure(report: &mut Report) -> Result<()> {
    let text = clustered(false, MANY, 1);
    let path = std::env::temp_dir().join(format!("checker-bench-{}.txt", std::process::id()));
    fs::write(&path, &text).context("cannot write the list")?;
    let loaded = checker(&path, report);
    fs::remove_file(&path).context("cannot remove the list")?;
    let ours = loaded?;
    report.fact("seconds until 1 M prefixes are live: checker", json!(ours));
    if let Some(missing) = missing() {
        report.fact("not measured", json!(format!("loading elsewhere: {missing}")));
        return Ok(());
    }
    let (nft, restore) = (nft_table(&text), ipset(&text));
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        times[0].push(timed(|| run("nft", "-f -", &nft))?);
        run("nft", "delete table netdev checker_bench", "")?;
        times[1].push(timed(|| run("ipset", "restore", &restore))?);
        run("ipset", "destroy checker_bench", "")?;
    }
    for (name, times) in ["nft -f", "ipset restore"].into_iter().zip(times) {
        let theirs = median(times);
        report.fact(&format!("seconds until 1 M prefixes are live: {name}"), json!(theirs));
        report.fact(&format!("checker's share of the time of {name}"), json!(ours / theirs));
    }
    Ok(())
}

/// From the file to the switch, as the daemon does it; each generation replaces the one before.
fn checker(path: &Path, report: &mut Report) -> Result<f64> {
    let mut classes = Classes::default();
    let (small, none) = compiled(&["192.0.2.0/24\n".to_owned()])?;
    let mut kernel = Kernel::new(small, &none)?;
    let spec = format!("L0={}", path.display()).parse()?;
    let mut times = Vec::new();
    let mut gaps = Vec::new();
    for number in 2..2 + ROUNDS as u64 {
        // Loading is watched too: it must not hold a core either.
        gaps.push(longest_gap(WATCHED, || {
            times.push(timed(|| {
                let list = Arc::new(parse(&read(&spec)?)?);
                let compiled = compile(merge(vec![list], &mut classes)?);
                kernel.switch(Generation { number, compiled, loaded_at: SystemTime::now() }, &classes)
            })?);
            kernel.settle()
        })?);
    }
    // The first of them freed one prefix.
    report.fact("longest a core was held while 1 M prefixes were loaded, ms", json!(gaps[0]));
    report
        .fact("longest a core was held while 1 M prefixes were loaded and 1 M freed, ms", json!(&gaps[1..]));
    let idle = longest_gap(WATCHED, || {
        drop(kernel);
        Ok(())
    })?;
    report.fact("longest a core was held when the kernel freed 1 M by itself, ms", json!(idle));
    Ok(median(times))
}

/// How much later than it asked for a thread of the highest need was woken, in milliseconds, the worst of all cores.
///
/// A thread that spins would also count what others were given by the scheduler; this one only waits for a core that
/// the kernel does not let go of.
fn longest_gap(during: Duration, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let stop = Arc::new(AtomicBool::new(false));
    let cores = thread::available_parallelism().context("how many cores?")?.get();
    let watch = |core: usize| {
        let stop = Arc::clone(&stop);
        thread::spawn(move || -> Result<f64> {
            let mut set = CpuSet::new();
            set.set(core)?;
            sched_setaffinity(Pid::from_raw(0), &set)?;
            let need = libc::sched_param { sched_priority: 50 };
            // SAFETY: `need` lives through the call; 0 is this thread.
            if unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const need) } != 0 {
                return Err(std::io::Error::last_os_error()).context("cannot become a real-time thread");
            }
            let mut longest = Duration::ZERO;
            while !stop.load(Relaxed) {
                let begun = Instant::now();
                thread::sleep(TICK);
                longest = longest.max(begun.elapsed().saturating_sub(TICK));
            }
            Ok(longest.as_secs_f64() * 1e3)
        })
    };
    let watchers: Vec<_> = (0..cores).map(watch).collect();
    work()?;
    thread::sleep(during);
    stop.store(true, Relaxed);
    let mut longest = 0.0_f64;
    for watcher in watchers {
        longest = longest.max(watcher.join().map_err(|_| anyhow::anyhow!("a watcher failed"))??);
    }
    Ok(longest)
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed().as_secs_f64())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
