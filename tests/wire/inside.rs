//! What is found inside a packet, as the command line asks for it: `--tunnels` and `--nat64`.

use anyhow::Result;
use harness::{
    frame::Frame,
    plan::Plan,
    veth::{NEAR, Wire},
};

use crate::{ONE, restricted};

const IPIP: u8 = 4;

/// A packet from a source in [`ONE`], in a tunnel between others.
fn tunnelled() -> Vec<u8> {
    let inner = restricted().split_off(14);
    Frame::between("192.0.2.1", "198.51.100.9").protocol(IPIP, inner).bytes()
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_tunnel_is_looked_into_unless_it_is_to_stay_shut() -> Result<()> {
    let wire = Wire::new()?;
    let plan = || -> Result<Plan<'_>> { Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE) };
    let daemon = plan()?.start()?;
    wire.sender()?.send(&tunnelled(), 1)?;
    let event = daemon.wait_for_events(1)?.remove(0);
    assert_eq!(event["src_ip"], "192.0.2.1", "the outermost address");
    assert_eq!(event["checker"]["matched"], "203.0.113.1");
    assert_eq!(event["checker"]["via"], "inner");
    daemon.stop()?.expect(0)?;

    let daemon = plan()?.words(&["--tunnels", "off"]).start()?;
    wire.sender()?.send_all([&tunnelled(), &restricted()])?;
    daemon.wait_until_seen(2)?;
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(ended.alerts()?.len(), 1, "{}", ended.stdout);
    let account = "packets  seen 2, judged 1 (50.0 %): alerted 1\n  not judged 1: tunnel_too_deep 1\n";
    assert!(ended.stderr.contains(account), "{}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_nat64_prefix_is_known_once_it_is_named() -> Result<()> {
    let wire = Wire::new()?;
    let from = |source| Frame::between(source, "3fff::9").udp(40_000, 623).bytes();
    let frames =
        [from("3fff:64::203.0.113.1"), from("64:ff9b::203.0.113.2"), from("3fff:64:0:cb00:71:300::")];
    let plan = || -> Result<Plan<'_>> { Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE) };

    let daemon = plan()?.start()?;
    wire.sender()?.send_all(&frames)?;
    daemon.wait_until_seen(3)?;
    let ended = daemon.stop()?.expect(0)?;
    assert!(ended.stderr.contains("alerted 1, compliant 2\n"), "the well-known prefix: {}", ended.stderr);

    let daemon = plan()?.words(&["--nat64", "3fff:64::/96", "--nat64", "3fff:64::/48"]).start()?;
    wire.sender()?.send_all(&frames)?;
    let events = daemon.wait_for_events(3)?;
    for (event, matched) in events.iter().zip(["203.0.113.1", "203.0.113.2", "203.0.113.3"]) {
        assert_eq!(event["checker"]["matched"], matched);
        assert_eq!(event["checker"]["via"], "nat64");
        assert_eq!(event["checker"]["prefix"], "203.0.113.0/24");
    }
    Ok(())
}
