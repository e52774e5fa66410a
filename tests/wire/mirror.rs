//! `--direction mirror`: on a mirror port everything comes in, whoever it is for, and both of its sides count.

use anyhow::{Context as _, Result};
use harness::{
    daemon::Daemon,
    frame::Frame,
    plan::Plan,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::{ONE, ordinary, restricted, second};

fn mirroring(wire: &Wire) -> Result<Daemon> {
    Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(&["--direction", "mirror"]).start()
}

/// How many want the interface to take packets that are for others.
fn promiscuity(wire: &Wire) -> Result<u64> {
    let shown = wire.near.ip(&format!("-details -json link show dev {NEAR}"))?;
    let shown: Value = serde_json::from_str(&shown)?;
    shown[0]["promiscuity"].as_u64().context("no promiscuity")
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn source_and_destination_of_what_comes_in_are_judged() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = mirroring(&wire)?;
    let between = Frame::between("2001:db8::1", "2001:db8::2").tcp(1, 2).bytes();
    // None of them is for this machine: they bear somebody else's hardware address.
    wire.sender()?.send_all([&restricted(), &ordinary(), &second(), &between])?;
    let events = daemon.wait_for_events(3)?;
    let told = |event: &Value| json!([event["checker"]["side"], event["checker"]["matched"]]);
    let told: Vec<_> = events.iter().map(told).collect();
    assert_eq!(
        told,
        [json!(["src", "203.0.113.1"]), json!(["dst", "203.0.113.1"]), json!(["src", "2001:db8::1"])]
    );
    for event in &events {
        assert_eq!(event["checker"]["direction"], "ingress");
        assert_eq!(event["checker"]["mode"], "native");
    }
    daemon.wait_until_seen(4)?;
    let ended = daemon.stop()?.expect(0)?;
    assert!(ended.stderr.contains("alerted 3, compliant 1\n"), "one alert a packet: {}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_interface_is_promiscuous_as_long_as_it_is_watched() -> Result<()> {
    let wire = Wire::new()?;
    assert_eq!(promiscuity(&wire)?, 0);
    let daemon = mirroring(&wire)?;
    daemon.process().wait_for_stderr("the mode", |line| {
        line.contains("near0: attached in native mode, promiscuous").then_some(())
    })?;
    assert_eq!(promiscuity(&wire)?, 1);
    assert_eq!(daemon.status()?["interfaces"][0]["promiscuous"], true);
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(printed.contains("): native mode, promiscuous, up\n"), "{printed}");
    daemon.stop()?.expect(0)?;
    assert_eq!(promiscuity(&wire)?, 0);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn it_is_not_promiscuous_after_a_detach_or_a_kill() -> Result<()> {
    let wire = Wire::new()?;
    wire.add_pair("near1", "far1")?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).interface("near1").list("ONE", ONE)?;
    let daemon = plan.words(&["--direction", "mirror"]).start()?;
    daemon.call("detach", &["-i", NEAR])?.expect(0)?;
    assert_eq!(promiscuity(&wire)?, 0, "the daemon goes on, on the other interface");
    daemon.stop()?.expect(0)?;

    let daemon = mirroring(&wire)?;
    daemon.process().signal(Signal::SIGKILL)?;
    daemon.wait()?;
    wait_until("it is not promiscuous any more", || match promiscuity(&wire) {
        Ok(0) => Ok(()),
        other => Err(format!("it is {other:?}")),
    })
}

/// Who else wants it keeps it.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_interface_that_was_promiscuous_before_stays_so() -> Result<()> {
    let wire = Wire::new()?;
    wire.near.ip(&format!("link set {NEAR} promisc on"))?;
    let daemon = mirroring(&wire)?;
    assert_eq!(promiscuity(&wire)?, 2);
    daemon.stop()?.expect(0)?;
    assert_eq!(promiscuity(&wire)?, 1);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_mirror_port_that_is_not_there_is_named() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface("nope0").list("ONE", ONE)?;
    let ended = plan.words(&["--direction", "mirror"]).refused()?.expect(2)?;
    assert_eq!(ended.stderr.lines().last(), Some("checker: there is no interface nope0"));
    Ok(())
}
