//! What a daemon may still do once it watches, and what it says when it may not begin.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _};

use anyhow::{Context as _, Result};
use caps::Capability;
use harness::{
    daemon::Daemon,
    plan::Plan,
    veth::{NEAR, Wire},
    wait::wait_until,
};

use crate::{ONE, restricted, watched};

/// A line of `/proc/PID/status` of every thread, each value once.
pub(crate) fn of_threads(daemon: &Daemon, key: &str) -> Result<BTreeSet<String>> {
    let mut values = BTreeSet::new();
    for task in fs::read_dir(format!("/proc/{}/task", daemon.process().pid()))? {
        // One that ends meanwhile has nothing to say.
        let Ok(status) = fs::read_to_string(task?.path().join("status")) else { continue };
        let value = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        values.insert(value.with_context(|| format!("no {key}"))?.trim().to_owned());
    }
    Ok(values)
}

pub(crate) fn bits(capabilities: &[Capability]) -> String {
    let bits = capabilities.iter().fold(0, |bits, capability| bits | capability.bitmask());
    format!("{bits:016x}")
}

/// Whatever the thread is for: the loop, sinks, metrics, loading.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn every_thread_keeps_two_capabilities_and_few_system_calls() -> Result<()> {
    let wire = Wire::new()?;
    wire.near.ip("link set lo up")?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let folder = plan.lists().folder().to_owned();
    let (log, spool) = (folder.join("alerts.json"), folder.join("spool"));
    let (log, spool) = (log.display().to_string(), spool.display().to_string());
    let words = ["--metrics", "9464", "--log", &log, "--webhook", "http://127.0.0.1:9/", "--spool", &spool];
    let daemon = plan.words(&words).start()?;
    daemon.call("reload", &[])?.expect(0)?;
    let kept = BTreeSet::from([bits(&[Capability::CAP_BPF, Capability::CAP_NET_ADMIN])]);
    for set in ["CapEff", "CapPrm"] {
        assert_eq!(of_threads(&daemon, set)?, kept, "{set}");
    }
    for set in ["CapInh", "CapAmb", "CapBnd"] {
        assert_eq!(of_threads(&daemon, set)?, BTreeSet::from([bits(&[])]), "{set}");
    }
    assert_eq!(of_threads(&daemon, "NoNewPrivs")?, BTreeSet::from(["1".to_owned()]));
    assert_eq!(of_threads(&daemon, "Seccomp")?, BTreeSet::from(["2".to_owned()]));
    let threads = fs::read_dir(format!("/proc/{}/task", daemon.process().pid()))?.count();
    assert!(threads >= 5, "{threads} threads");

    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(1)?;
    let written = || fs::read_to_string(&log).map(|text| text.lines().count());
    wait_until("the alert is in the log", || match written() {
        Ok(1..) => Ok(()),
        found => Err(format!("{found:?}")),
    })?;
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn lists_come_from_folders_that_it_was_told_of() -> Result<()> {
    let elsewhere = tempfile::tempdir()?;
    let list = elsewhere.path().join("two.txt");
    fs::write(&list, "192.0.2.0/24\n")?;
    let named = format!("TWO={}", list.display());

    let (_wire, daemon) = watched()?;
    if !daemon.process().stderr.text().contains("; Landlock") {
        // Nothing restricts the file system on this kernel.
        daemon.call("load", &[&named])?.expect(0)?;
        return Ok(());
    }
    let refused = daemon.call("load", &[&named])?.expect(2)?;
    let sentence = "the daemon's sandbox reads lists from";
    assert!(refused.stderr.contains(sentence) && refused.stderr.contains("--list-dir"), "{}", refused.stderr);
    assert_eq!(daemon.status()?["generation"], 1);
    daemon.call("reload", &[])?.expect(0)?;

    let folder = elsewhere.path().display().to_string();
    for words in [&["--list-dir", &folder][..], &["--sandbox", "off"]] {
        let wire = Wire::new()?;
        let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
        let daemon = plan.words(words).start()?;
        daemon.call("load", &[&named])?.expect(0)?;
    }
    Ok(())
}

/// A list in somebody's home, which root reads only because root may read everything.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_list_that_only_its_owner_may_read_is_read_again() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let list = plan.lists().folder().join("one.txt");
    fs::set_permissions(&list, fs::Permissions::from_mode(0o600))?;
    std::os::unix::fs::chown(&list, Some(harness::checker::NOBODY), Some(harness::checker::NOBODY))?;
    let daemon = plan.start()?;
    assert!(daemon.process().stderr.text().contains("CAP_DAC_READ_SEARCH is kept"));
    let kept = [Capability::CAP_BPF, Capability::CAP_NET_ADMIN, Capability::CAP_DAC_READ_SEARCH];
    assert_eq!(of_threads(&daemon, "CapEff")?, BTreeSet::from([bits(&kept)]));
    daemon.call("reload", &[])?.expect(0)?;
    Ok(())
}
