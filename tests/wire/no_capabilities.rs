//! `--sandbox no-capabilities`: what a daemon still sees and does that may do nothing but read what it holds.

use std::{collections::BTreeSet, fs};

use anyhow::{Context as _, Result};
use checker_common::action::Action;
use harness::{bpftool::detach_link_of, egress::has_tcx, plan::Plan, veth::NEAR, wait::wait_until};
use serde_json::json;

use crate::{
    ONE,
    guarded::{class_table, wait_for},
    pinned::{Lab, closed},
    restricted,
    sandbox::{bits, of_threads},
    second,
};

const NONE: &[&str] = &["--sandbox", "no-capabilities"];

#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn without_capabilities_it_watches_on_and_the_next_daemon_loads_other_lists() -> Result<()> {
    let lab = Lab::new()?;
    let words = [NONE, if has_tcx()? { &["--direction", "both"] } else { &[] }].concat();
    let daemon = lab.start(&words)?;
    for set in ["CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"] {
        assert_eq!(of_threads(&daemon, set)?, BTreeSet::from([bits(&[])]), "{set}");
    }
    lab.wire.sender()?.send(&restricted(), 5)?;
    daemon.wait_for_events(1)?;
    daemon.wait_until_seen(5)?;
    wait_until("the canary is looked for", || match daemon.status()?["canary"].clone() {
        canary if canary["state"] == "found" && canary["looks"].as_u64() > Some(1) => Ok(()),
        canary => Err(anyhow::anyhow!("{canary}")),
    })?;
    let status = daemon.status()?;
    assert_eq!(status["unhealthy"], json!([]));
    assert!(status["sandbox"].as_str().unwrap_or_default().starts_with("no capability; "), "{status}");
    assert_eq!(daemon.call("flows", &["--json"])?.expect(0)?.stdout.matches("203.0.113.1").count(), 2);

    let two = daemon.lists.write("two.txt", "192.0.2.0/24\n")?.display().to_string();
    for (command, word) in [("load", Some(&*two)), ("reload", None), ("unload", Some("ONE"))] {
        let refused = daemon.call(command, word.as_slice())?.expect(2)?;
        let sentence = "has given up all capabilities (--sandbox no-capabilities), and new tables take CAP_BPF; \
                        `checker run --replace` loads lists";
        assert!(refused.stderr.contains(sentence), "{command}: {}", refused.stderr);
    }
    assert_eq!(daemon.status()?["generation"], 1);
    assert!(daemon.call("status", &[])?.expect(0)?.stdout.contains("sandbox: no capability; "));

    let next =
        lab.plan(&words)?.words(&["--replace"]).list("ONE", ONE)?.list("TWO", "192.0.2.0/24\n")?.start()?;
    daemon.wait()?.0.expect(0)?;
    lab.wire.sender()?.send(&second(), 2)?;
    next.wait_until_seen(7)?;
    assert_eq!(next.status()?["generation"], 2);
    assert_eq!(next.call("detach", &[])?.expect(0)?.stdout, "detached from near0\n");
    closed(&next.wait()?.0.expect(0)?, 7, 0)?;
    assert!(lab.wire.egress_programs(NEAR)?.is_empty());
    lab.is_clean()
}

/// All that a daemon with capabilities tells of is told of by one without.
#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn without_capabilities_it_tells_what_is_done_to_it() -> Result<()> {
    let lab = Lab::new()?;
    let egress = has_tcx()?;
    let words = [NONE, if egress { &["--direction", "both"] } else { &[] }].concat();
    let daemon = lab.plan(&words)?.list("ONE", ONE)?.watching_lists().start()?;
    let mut classes = class_table(&lab.wire)?;
    classes.set(1, Action::Allow.value(), 0)?;
    assert_eq!(wait_for(&daemon, "map_changed", 1)?["map"], "CLASSES");
    classes.set(1, Action::Alert.value(), 0)?;
    wait_for(&daemon, "map_restored", 1)?;
    lab.wire.near.ip(&format!("link set {NEAR} down"))?;
    wait_for(&daemon, "link_down", 1)?;
    lab.wire.near.ip(&format!("link set {NEAR} up"))?;
    wait_for(&daemon, "link_up", 1)?;
    detach_link_of(lab.wire.xdp_program(NEAR)?.context("nothing is attached")?)?;
    assert_eq!(wait_for(&daemon, "hook_lost", 1)?["hook"], "ingress");
    if egress {
        lab.wire.take_off_egress(NEAR)?;
        assert_eq!(wait_for(&daemon, "hook_lost", 2)?["hook"], "egress");
    }
    // A file that changes is no list that is loaded, and that is told, once.
    fs::write(daemon.lists.folder().join("one.txt"), "192.0.2.0/24\n")?;
    let refused = wait_for(&daemon, "lists_refused", 1)?;
    assert!(refused.to_string().contains("has given up all capabilities"), "{refused}");
    daemon.call("detach", &[])?.expect(0)?;
    let ended = daemon.wait()?.0.expect(0)?;
    assert_eq!(ended.stdout.matches("lists_refused").count(), 1, "{}", ended.stdout);
    lab.is_clean()
}

#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn without_capabilities_is_for_pins_and_puts_nothing_on_again() -> Result<()> {
    let lab = Lab::new()?;
    let plan = Plan::new(&lab.wire.near)?.interface(NEAR).list("ONE", ONE)?.words(NONE);
    let ended = plan.refused()?.expect(2)?;
    assert!(ended.stderr.contains("--sandbox no-capabilities takes --pin"), "{}", ended.stderr);
    let ended = lab.plan(NONE)?.words(&["--reattach"]).list("ONE", ONE)?.refused()?.expect(2)?;
    assert!(ended.stderr.contains("--reattach takes CAP_NET_ADMIN"), "{}", ended.stderr);
    assert_eq!(lab.wire.xdp_program(NEAR)?, None);
    Ok(())
}
