//! A kernel that refuses what a list needs: no more descriptors, no more memory. The change is refused in one sentence, what
//! is loaded stays, and the same list is loaded as soon as there is room.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use harness::{cgroup::Cgroup, daemon::Daemon, process::Ended, veth::Wire};
use serde_json::json;

use crate::{restricted, second, watched};

/// Ranges that no two have a prefix in common that says something: some 10 MiB of the kernel's memory.
const RANGES: u32 = 100_000;

/// More than a daemon takes itself for so many ranges.
const MEMORY: u64 = 128 << 20;

/// Refuses with `reason`, in one sentence, and judges on.
fn refuses(wire: &Wire, daemon: &Daemon, reason: &str) -> Result<()> {
    let refused = daemon.call("load", &["TWO=two.txt"])?.expect(2)?;
    let said = &refused.stderr;
    ensure!(said.contains("the kernel refused the list: ") && said.contains(reason), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let seen = daemon.status()?["account"]["seen"].as_u64().context("no account")?;
    wire.sender()?.send_all([&restricted(), &second()])?;
    daemon.wait_until_seen(seen + 2)?;
    let status = daemon.status()?;
    let refusal = status["last_refusal"].as_str().unwrap_or_default();
    ensure!(refusal.contains(reason), "the status says {refusal:?}");
    assert_eq!((&status["generation"], &status["account"]["total"]["matched"]), (&json!(1), &json!(1)));
    assert_eq!(status["canary"]["state"], "found");
    Ok(())
}

/// The list is loaded, and the account has all of it.
fn takes(wire: &Wire, daemon: Daemon) -> Result<Ended> {
    daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
    wire.sender()?.send(&second(), 1)?;
    daemon.wait_until_seen(3)?;
    let ended = daemon.stop()?.expect(0)?;
    ensure!(ended.stderr.contains("account  matched 2 = emitted 2 + lost 0\n"), "{}", ended.stderr);
    Ok(ended)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn without_descriptors_for_its_maps_a_list_is_refused() -> Result<()> {
    let (wire, daemon) = watched()?;
    daemon.lists.write("two.txt", "192.0.2.0/24\n")?;
    let folder = format!("/proc/{}/fd", daemon.process().pid());
    let limit = |descriptors: usize| -> Result<()> {
        let pid = daemon.process().pid().to_string();
        let set = Command::new("prlimit").args(["--pid", &pid, &format!("--nofile={descriptors}:")]).output();
        let set = set.context("cannot start prlimit (package util-linux)")?;
        ensure!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
        Ok(())
    };
    // For the client, and for what is open no longer than it is read.
    limit(fs::read_dir(&folder)?.count() + 2)?;
    refuses(&wire, &daemon, "Too many open files")?;
    limit(4096)?;
    takes(&wire, daemon)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, cgroups"]
fn without_memory_for_its_trie_a_list_is_refused() -> Result<()> {
    let group = Cgroup::new()?;
    let (wire, daemon) = watched()?;
    let scattered = (1..=RANGES).map(|number| {
        let [a, b, c, d] = number.wrapping_mul(0x9e37_79b1).to_be_bytes();
        // Not where anybody sends from.
        format!("{}.{b}.{c}.{d}\n", 16 + a % 64)
    });
    daemon.lists.write("two.txt", &(scattered.collect::<String>() + "192.0.2.0/24\n"))?;
    group.limit(Some(MEMORY))?;
    let filler =
        tempfile::Builder::new().prefix("filler").tempfile_in(Path::new(env!("CARGO_TARGET_TMPDIR")))?;
    group.fill(filler.path(), MEMORY)?;
    group.add(daemon.process().pid())?;
    refuses(&wire, &daemon, "Cannot allocate memory")?;
    group.limit(None)?;
    takes(&wire, daemon)?;
    Ok(())
}
