//! What a daemon needs to begin, and what it says without: each capability is taken away in turn.

use std::{fs, os::unix::fs::PermissionsExt as _, thread};

use anyhow::{Context as _, Result, anyhow};
use caps::{CapSet, Capability};
use harness::{
    checker::NOBODY,
    daemon::Daemon,
    plan::Plan,
    process::Ended,
    veth::{NEAR, Wire},
};
use nix::unistd::{Gid, Group};

use crate::{ONE, restricted};

/// All that a daemon needs, whoever it is, to see what is for others as well.
const NEEDED: [Capability; 4] =
    [Capability::CAP_BPF, Capability::CAP_PERFMON, Capability::CAP_NET_ADMIN, Capability::CAP_NET_RAW];

fn plan<'a>(wire: &'a Wire, words: &[&str]) -> Result<Plan<'a>> {
    Ok(Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(words))
}

/// One sentence, the last one, which names this capability and no other; and nothing is left.
fn names(ended: Ended, capability: Capability, wire: &Wire) -> Result<()> {
    let ended = ended.expect(2)?;
    let last = ended.stderr.lines().last().unwrap_or_default();
    let named: Vec<_> = caps::all().into_iter().filter(|other| last.contains(&other.to_string())).collect();
    assert!(last.starts_with("checker: ") && named == [capability], "{capability}: {}", ended.stderr);
    assert_eq!(wire.xdp_program(NEAR)?, None, "{capability}");
    assert!(wire.egress_programs(NEAR)?.is_empty(), "{capability}");
    Ok(())
}

/// As a service manager starts a daemon that is not root.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn four_capabilities_are_enough_for_any_user_and_each_that_is_missing_is_named() -> Result<()> {
    let wire = Wire::new()?;
    let words = ["--direction", "mirror"];
    for missing in NEEDED {
        let others: Vec<_> = NEEDED.into_iter().filter(|capability| *capability != missing).collect();
        let plan = plan(&wire, &words)?.as_nobody_with(&others)?;
        let socket = plan.lists().folder().join("checker.sock");
        names(plan.refused()?, missing, &wire)?;
        assert!(!socket.exists());
    }
    let daemon = plan(&wire, &words)?.as_nobody_with(&NEEDED)?.start()?;
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.process().pid()))?;
    assert!(status.contains(&format!("Uid:\t{NOBODY}\t{NOBODY}")), "{status}");
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(1)?;
    daemon.call("reload", &[])?.expect(0)?;
    daemon.stop()?.expect(0)?;
    assert_eq!(wire.xdp_program(NEAR)?, None);
    Ok(())
}

/// Starts something as root without these.
fn without<T: Send>(capabilities: &[Capability], start: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let started = || {
        for capability in capabilities {
            // One that the kernel does not know is not there either.
            caps::drop(None, CapSet::Bounding, *capability).ok();
        }
        start()
    };
    // What a thread's children can ever have is bounded by what it can.
    thread::scope(|scope| scope.spawn(started).join()).map_err(|_| anyhow!("the starting thread died"))?
}

/// All that the systemd unit leaves is enough, and learning without the last of them is done without, and said.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn root_needs_three_capabilities_to_watch() -> Result<()> {
    let wire = Wire::new()?;
    let plan = plan(&wire, &["--direction", "both"])?;
    let all = caps::all().into_iter().filter(|capability| !NEEDED[..3].contains(capability));
    let all: Vec<_> = all.collect();
    let daemon: Daemon = without(&all, || plan.start())?;
    assert!(daemon.process().stderr.text().contains("it takes CAP_NET_RAW"));
    let interface = daemon.status()?["interfaces"][0].clone();
    assert_eq!(
        (&interface["ingress"]["attached"], &interface["egress"]["attached"]),
        (&true.into(), &true.into())
    );
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(1)?;
    daemon.stop()?.expect(0)?;
    Ok(())
}

/// Root may read any file, unless it lacks what that takes.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_list_of_somebody_else_takes_cap_dac_read_search() -> Result<()> {
    let wire = Wire::new()?;
    let plan = plan(&wire, &[])?;
    let list = plan.lists().folder().join("one.txt");
    fs::set_permissions(&list, fs::Permissions::from_mode(0o600))?;
    std::os::unix::fs::chown(&list, Some(NOBODY), Some(NOBODY))?;
    let missing = [Capability::CAP_DAC_OVERRIDE, Capability::CAP_DAC_READ_SEARCH];
    let ended = without(&missing, || plan.refused())?;
    names(ended, Capability::CAP_DAC_READ_SEARCH, &wire)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_group_that_root_is_not_in_takes_cap_chown() -> Result<()> {
    let wire = Wire::new()?;
    let group = Group::from_gid(Gid::from_raw(NOBODY))?.context("nobody has no group")?;
    let plan = plan(&wire, &["--group", &group.name])?;
    let socket = plan.lists().folder().join("checker.sock");
    let ended = without(&[Capability::CAP_CHOWN], || plan.refused())?;
    names(ended, Capability::CAP_CHOWN, &wire)?;
    assert!(!socket.exists());
    Ok(())
}
