//! Lists that come and go without a pause, under traffic: ten thousand changes, each of which the kernel keeps waiting for
//! some 30 ms until no packet can be in what is replaced. Four daemons wait for that together, so it takes two minutes;
//! `CHECKER_CHURN=10000` has each of them make so many.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, ensure};
use harness::{
    daemon::{Daemon, ask},
    veth::Wire,
    wait::wait_until,
};

use crate::{restricted, watched};

const DAEMONS: usize = 4;

/// Of each daemon, unless somebody has more time.
const CHANGES: u32 = 2_500;

/// KiB by which a daemon may grow: what its allocator keeps.
const SLACK: u64 = 4096;

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn no_packet_is_missed_and_nothing_grows_while_lists_come_and_go() -> Result<()> {
    let changes = std::env::var("CHECKER_CHURN").ok().and_then(|wish| wish.parse().ok()).unwrap_or(CHANGES);
    thread::scope(|scope| -> Result<()> {
        let churning: Vec<_> = (0..DAEMONS).map(|_| scope.spawn(|| churn(changes))).collect();
        churning.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a thread died"))?)
    })
}

fn churn(changes: u32) -> Result<()> {
    let (wire, daemon) = watched()?;
    let done = AtomicBool::new(false);
    let sent = thread::scope(|scope| -> Result<u64> {
        let traffic = scope.spawn(|| traffic(&wire, &done));
        let changed = change(&daemon, changes);
        done.store(true, Relaxed);
        changed?;
        traffic.join().map_err(|_| anyhow!("the sender died"))?
    })?;
    daemon.wait_until_seen(sent)?;
    let status = daemon.status()?;
    assert_eq!(status["generation"], u64::from(changes) + 1);
    let ended = daemon.stop()?.expect(0)?;
    let account = format!("account  matched {sent} = ");
    assert!(ended.stderr.contains(&account), "not {account:?} but {}", ended.stderr);
    let all = format!("packets  seen {sent}, judged {sent} (100.0 %)");
    assert!(ended.stderr.contains(&all), "not {all:?} but {}", ended.stderr);
    let alerts = ended.alerts()?;
    assert!(alerts.iter().all(|alert| alert["checker"]["label"] == "ONE"), "a packet had another range");
    let told: u64 = alerts.iter().filter_map(|alert| alert["checker"]["count"].as_u64()).sum();
    assert_eq!(told, sent, "each packet is in an alert");
    Ok(())
}

/// Packets at every moment of a change, and a core for the changes.
fn traffic(wire: &Wire, done: &AtomicBool) -> Result<u64> {
    let sender = wire.sender()?;
    let mut sent = 0;
    while !done.load(Relaxed) {
        sender.send(&restricted(), 10)?;
        sent += 10;
        thread::sleep(Duration::from_micros(500));
    }
    Ok(sent)
}

/// Loads and unloads a list beside the one that the traffic is in, and another time replaces it.
fn change(daemon: &Daemon, changes: u32) -> Result<()> {
    let path = daemon.lists.write("two.txt", "192.0.2.0/24\n198.51.100.128/25\n")?;
    let load = format!(
        "{{\"command\":\"load\",\"lists\":[{{\"label\":\"TWO\",\"path\":\"{}\"}}],\"force\":false}}\n",
        path.display()
    );
    let mut before = None;
    for number in 0..changes {
        let request = if number % 2 == 0 { &load } else { "{\"command\":\"unload\",\"label\":\"TWO\"}\n" };
        let reply = ask(&daemon.socket, request)?;
        ensure!(reply["reply"] == "loaded", "change {number}: {reply}");
        // Once it has settled, and as many lists are loaded as at the end.
        if number == changes / 5 * 2 - 1 {
            before = Some(Size::of(daemon)?);
        }
    }
    let before = before.context("too few changes")?;
    // A generation is freed a little later than the next one is active, and a client forgotten after its answer.
    let after = wait_until("it is as large as before", || match Size::of(daemon) {
        Ok(after) if after.descriptors <= before.descriptors && after.maps <= before.maps => Ok(after),
        Ok(after) => Err(format!("it was {before:?} and is {after:?}")),
        Err(error) => Err(format!("{error:#}")),
    })?;
    ensure!(after.resident <= before.resident + SLACK, "it was {before:?} and is {after:?}");
    Ok(())
}

/// What a daemon has.
#[derive(Debug)]
struct Size {
    descriptors: usize,
    /// Those of them that are maps in the kernel. The others that the kernel has of it stand in the outer maps, which do
    /// not grow.
    maps: usize,
    /// KiB in memory.
    resident: u64,
}

impl Size {
    fn of(daemon: &Daemon) -> Result<Self> {
        let process = format!("/proc/{}", daemon.process().pid());
        let mut size = Self { descriptors: 0, maps: 0, resident: 0 };
        for entry in fs::read_dir(format!("{process}/fd"))? {
            size.descriptors += 1;
            // One may have been closed meanwhile.
            let target = fs::read_link(entry?.path()).unwrap_or_default();
            size.maps += usize::from(target.to_string_lossy().contains("bpf-map"));
        }
        let status = fs::read_to_string(format!("{process}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no size")?;
        size.resident = resident.trim().trim_end_matches(" kB").parse()?;
        Ok(size)
    }
}
