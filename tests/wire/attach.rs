//! Onto an interface: native where the driver can, generic where it cannot, and that is said everywhere.

use anyhow::{Result, ensure};
use harness::{
    frame::{DESTINATION_MAC, Frame},
    plan::Plan,
    send::Sender,
    veth::{FAR, NEAR, Wire},
    wait::wait_until,
};

use crate::{ONE, ordinary, restricted, watched};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_veth_is_watched_in_native_mode_and_that_is_said() -> Result<()> {
    let (wire, daemon) = watched()?;
    daemon
        .process()
        .wait_for_stderr("the mode", |line| line.contains("near0: attached in native mode").then_some(()))?;
    let interface = daemon.status()?["interfaces"][0].clone();
    assert_eq!(interface["name"], NEAR);
    assert_eq!(interface["ingress"]["mode"], "native");
    assert_eq!(interface["ingress"]["fallback"], serde_json::Value::Null);
    assert_eq!(interface["ingress"]["attached"], true);
    assert_eq!(interface["egress"], serde_json::Value::Null);
    assert_eq!(interface["promiscuous"], false);
    assert_eq!(interface["up"], true);
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(printed.contains(": native mode, up\n"), "{printed}");

    wire.sender()?.send(&restricted(), 1)?;
    assert_eq!(daemon.wait_for_events(1)?[0]["checker"]["mode"], "native");
    Ok(())
}

/// A bridge has no native XDP; what comes in at its port comes out of the bridge.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn without_native_xdp_it_falls_back_to_generic_and_that_is_said() -> Result<()> {
    let wire = bridged()?;
    let daemon = Plan::new(&wire.near)?.interface("bridge0").list("ONE", ONE)?.start()?;
    daemon.process().wait_for_stderr("the fallback", |line| {
        line.contains("bridge0: generic mode, slower than native: the driver has no native XDP").then_some(())
    })?;
    let interface = daemon.status()?["interfaces"][0].clone();
    assert_eq!(interface["ingress"]["mode"], "generic");
    assert_eq!(interface["ingress"]["fallback"], "the driver has no native XDP");
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(printed.contains(": generic mode, because the driver has no native XDP, up\n"), "{printed}");

    wire.sender()?.send(&restricted(), 1)?;
    for event in daemon.wait_for_events(1)? {
        assert_eq!(event["checker"]["mode"], "generic");
        assert_eq!(event["in_iface"], "bridge0");
        assert_eq!(event["src_ip"], "203.0.113.1");
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn native_or_nothing_is_nothing_where_there_is_no_native_xdp() -> Result<()> {
    let wire = bridged()?;
    let plan = Plan::new(&wire.near)?.interface("bridge0").list("ONE", ONE)?;
    let ended = plan.words(&["--mode", "native"]).refused()?.expect(2)?;
    assert!(
        ended.stderr.contains("cannot attach to the ingress of bridge0 in native mode"),
        "{}",
        ended.stderr
    );
    assert_eq!(wire.xdp_program("bridge0")?, None);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn generic_on_request_is_no_fallback() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--mode", "generic"]).start()?;
    let interface = daemon.status()?["interfaces"][0].clone();
    assert_eq!(interface["ingress"]["mode"], "generic");
    assert_eq!(interface["ingress"]["fallback"], serde_json::Value::Null);
    wire.sender()?.send(&restricted(), 1)?;
    assert_eq!(daemon.wait_for_events(1)?[0]["checker"]["mode"], "generic");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_unknown_interface_is_named_and_nothing_is_attached() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).interface("nope0").list("ONE", ONE)?;
    let ended = plan.refused()?.expect(2)?;
    assert_eq!(ended.stderr.lines().last(), Some("checker: there is no interface nope0"));
    assert_eq!(wire.xdp_program(NEAR)?, None, "all or none");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_interface_that_is_down_is_watched_with_a_warning() -> Result<()> {
    let wire = Wire::new()?;
    wire.near.ip(&format!("link set {NEAR} down"))?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.start()?;
    daemon
        .process()
        .wait_for_stderr("that it is down", |line| line.contains("near0 is down: attached").then_some(()))?;
    assert_eq!(daemon.status()?["interfaces"][0]["up"], false);
    assert!(daemon.call("status", &[])?.expect(0)?.stdout.contains("native mode, DOWN\n"));

    wire.near.ip(&format!("link set {NEAR} up"))?;
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(1)?;
    // The kernel calls an interface running a little after frames pass (net/core/link_watch.c).
    wait_until("the interface is up", || -> Result<()> {
        let interface = daemon.status()?["interfaces"][0].clone();
        ensure!(interface["up"] == true, "it is {interface}");
        Ok(())
    })
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn several_interfaces_are_watched_at_once_and_alerts_name_theirs() -> Result<()> {
    let wire = Wire::new()?;
    wire.add_pair("near1", "far1")?;
    wire.add_pair("near2", "far2")?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).interface("near1").interface("near2");
    let daemon = plan.list("ONE", ONE)?.start()?;
    for far in [FAR, "far1", "far2"] {
        Sender::new(&wire.far, far)?.send(&restricted(), 1)?;
    }
    let events = daemon.wait_for_events(3)?;
    for near in [NEAR, "near1", "near2"] {
        assert_eq!(events.iter().filter(|event| event["in_iface"] == near).count(), 1, "{near}");
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_interface_that_is_named_twice_is_watched_once() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).interface(NEAR).list("ONE", ONE)?.start()?;
    assert_eq!(daemon.status()?["interfaces"].as_array().map(Vec::len), Some(1));
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(1)?;
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(ended.alerts()?.len(), 1);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_interface_that_goes_away_is_not_attached_any_more_and_the_rest_goes_on() -> Result<()> {
    let wire = Wire::new()?;
    wire.add_pair("near1", "far1")?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).interface("near1").list("ONE", ONE)?.start()?;
    wire.near.ip("link del near1")?;
    let interfaces = daemon.status()?["interfaces"].clone();
    assert_eq!(interfaces[1]["ingress"]["attached"], false);
    assert!(daemon.call("status", &[])?.expect(0)?.stdout.contains("NOT ATTACHED"));
    wire.sender()?.send_all([&restricted(), &ordinary()])?;
    daemon.wait_for_events(1)?;
    daemon.stop()?.expect(0)?;
    Ok(())
}

/// A wire whose near end is a port of `bridge0`.
fn bridged() -> Result<Wire> {
    let wire = Wire::new()?;
    let [a, b, c, d, e, f] = DESTINATION_MAC;
    let mac = format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}");
    wire.near.ip(&format!("link add bridge0 address {mac} type bridge"))?;
    wire.near.ip(&format!("link set {NEAR} master bridge0"))?;
    wire.near.ip("link set bridge0 arp off up")?;
    assert!(Frame::between("203.0.113.1", "198.51.100.9").bytes().starts_with(&DESTINATION_MAC));
    Ok(wire)
}
