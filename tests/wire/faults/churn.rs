//! Lists that come and go without a pause, under traffic: `CHECKER_CHURN=10000` makes ten thousand changes of
//! what are 500 otherwise.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use anyhow::{Context as _, Result, ensure};
use harness::daemon::{Daemon, ask};

use crate::{restricted, watched};

/// Changes, unless somebody has more time.
const CHANGES: u32 = 500;

/// Descriptors and maps that may come and go with generations which are freed slowly.
const SLACK: usize = 200;

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn no_packet_is_missed_and_nothing_grows_while_lists_come_and_go() -> Result<()> {
    let changes = std::env::var("CHECKER_CHURN").ok().and_then(|wish| wish.parse().ok()).unwrap_or(CHANGES);
    let (wire, daemon) = watched()?;
    let sender = wire.sender()?;
    let done = AtomicBool::new(false);
    let sent = thread::scope(|scope| -> Result<u64> {
        let traffic = scope.spawn(|| -> Result<u64> {
            let mut sent = 0;
            while !done.load(Relaxed) {
                sender.send(&restricted(), 10)?;
                sent += 10;
                // As much as a machine with two cores takes beside the changes.
                thread::yield_now();
            }
            Ok(sent)
        });
        let changed = change(&daemon, changes);
        done.store(true, Relaxed);
        changed?;
        traffic.join().map_err(|_| anyhow::anyhow!("the sender died"))?
    })?;
    daemon.wait_until_seen(sent)?;
    let status = daemon.status()?;
    assert_eq!(status["generation"], u64::from(changes) + 1);
    let ended = daemon.stop()?.expect(0)?;
    let account = format!("account  matched {sent} = ");
    assert!(ended.stderr.contains(&account), "not {account:?} but {}", ended.stderr);
    assert!(
        ended.stderr.contains(&format!("packets  seen {sent}, judged {sent} (100.0 %)")),
        "{}",
        ended.stderr
    );
    Ok(())
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
        // Once it has settled.
        if number == changes / 5 {
            before = Some(size(daemon)?);
        }
    }
    let (before, after) = (before.context("too few changes")?, size(daemon)?);
    ensure!(after.0 <= before.0 + SLACK, "it had {} descriptors, and has {}", before.0, after.0);
    ensure!(after.1 <= before.1 * 2, "it had {} KiB, and has {}", before.1, after.1);
    Ok(())
}

/// Open descriptors, and KiB in memory.
fn size(daemon: &Daemon) -> Result<(usize, u64)> {
    let process = format!("/proc/{}", daemon.process().pid());
    let descriptors = fs::read_dir(format!("{process}/fd"))?.count();
    let status = fs::read_to_string(format!("{process}/status"))?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no size")?;
    Ok((descriptors, resident.trim().trim_end_matches(" kB").parse()?))
}
