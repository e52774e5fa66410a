//! Interfaces whose packets do not begin with an Ethernet header.

use std::net::UdpSocket;

use anyhow::Result;
use harness::{
    netns::Namespace,
    plan::Plan,
    veth::{NEAR, Wire},
};

use crate::ONE;

#[test]
#[ignore = "needs root: namespaces, a tun device"]
fn an_interface_without_ethernet_is_refused_in_every_direction() -> Result<()> {
    let wire = Wire::new()?;
    wire.near.ip("tuntap add dev tun0 mode tun")?;
    for direction in ["ingress", "egress", "both", "mirror"] {
        let plan = Plan::new(&wire.near)?.interface(NEAR).interface("tun0").list("ONE", ONE)?;
        let ended = plan.words(&["--direction", direction]).refused()?.expect(2)?;
        let sentence = "checker: the packets of tun0 have no Ethernet header (it is of type NONE); \
                        checker watches Ethernet interfaces only";
        assert_eq!(ended.stderr.lines().last(), Some(sentence));
        assert_eq!(wire.xdp_program(NEAR)?, None, "all or none");
        assert!(wire.egress_programs(NEAR)?.is_empty(), "something is left");
    }
    Ok(())
}

/// Its cousin with Ethernet headers is an interface like any other.
#[test]
#[ignore = "needs root: namespaces, a tap device"]
fn a_tap_device_is_watched() -> Result<()> {
    let namespace = Namespace::new("tap")?;
    namespace.ip("tuntap add dev tap0 mode tap")?;
    let daemon = Plan::new(&namespace)?.interface("tap0").list("ONE", ONE)?.start()?;
    assert_eq!(daemon.status()?["interfaces"][0]["ingress"]["attached"], true);
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn loopback_is_watched_both_ways() -> Result<()> {
    let namespace = Namespace::new("loopback")?;
    namespace.ip("link set lo up")?;
    namespace.ip("addr add 203.0.113.1/32 dev lo")?;
    let plan = Plan::new(&namespace)?.interface("lo").list("ONE", ONE)?;
    // The list has the machine's own address.
    let daemon = plan.words(&["--direction", "both", "--force"]).start()?;
    namespace.enter(|| -> Result<()> {
        UdpSocket::bind(("203.0.113.1", 0))?.send_to(b"hello", ("203.0.113.1", 9))?;
        Ok(())
    })??;
    // Out, then in; and the answer that nobody listens goes the same way.
    let events = daemon.wait_for_events(4)?;
    for event in &events {
        assert_eq!(event["in_iface"], "lo");
    }
    let ways: Vec<_> = events.iter().map(|event| event["checker"]["direction"].as_str()).collect();
    assert_eq!(ways, [Some("egress"), Some("ingress"), Some("egress"), Some("ingress")]);
    daemon.stop()?.expect(0)?;
    Ok(())
}
