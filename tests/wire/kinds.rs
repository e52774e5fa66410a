//! Interfaces that stand on others: where checker can be attached, in which mode, and what it sees there. Bridges are in
//! `attach`, tun, tap and loopback in `framing`.

use anyhow::Result;
use harness::{
    frame::{DESTINATION_MAC, DOT1Q, Frame},
    plan::Plan,
    send::Sender,
    veth::{NEAR, Wire},
};
use serde_json::{Value, json};

use crate::{ONE, restricted};

fn mac() -> String {
    DESTINATION_MAC.map(|byte| format!("{byte:02x}")).join(":")
}

/// Both legs of a bond have native XDP, so the bond has: its driver hands the program on (Linux 5.15).
#[test]
#[ignore = "needs root: namespaces, XDP, bonds"]
fn a_bond_is_watched_whichever_leg_a_packet_comes_in_by() -> Result<()> {
    let wire = Wire::new()?;
    if !wire.near.can_make("bond")? {
        return Ok(());
    }
    wire.add_pair("near1", "far1")?;
    wire.near.ip("link add bond0 type bond mode balance-xor miimon 100")?;
    for leg in [NEAR, "near1"] {
        wire.near.ip(&format!("link set {leg} down"))?;
        wire.near.ip(&format!("link set {leg} master bond0"))?;
    }
    wire.near.ip("link set bond0 arp off up")?;
    let daemon = Plan::new(&wire.near)?.interface("bond0").list("ONE", ONE)?.start()?;
    assert_eq!(daemon.status()?["interfaces"][0]["ingress"]["mode"], "native");
    Sender::new(&wire.far, "far1")?.send(&restricted(), 1)?;
    let first = daemon.wait_for_events(1)?.remove(0);
    assert_eq!((&first["checker"]["mode"], &first["src_ip"]), (&json!("native"), &json!("203.0.113.1")));
    let other = Frame::between("203.0.113.2", "198.51.100.9").bytes();
    wire.sender()?.send(&other, 1)?;
    assert_eq!(daemon.wait_for_events(2)?[1]["src_ip"], "203.0.113.2");
    daemon.stop()?.expect(0)?;
    Ok(())
}

/// On the VLAN device the tag is gone; on the interface below it is in the alert.
#[test]
#[ignore = "needs root: namespaces, XDP, VLAN devices"]
fn a_vlan_device_sees_its_own_packets_without_their_tag() -> Result<()> {
    let wire = Wire::new()?;
    if !wire.near.can_make("vlan")? {
        return Ok(());
    }
    wire.near.ip(&format!("link set {NEAR} address {}", mac()))?;
    wire.near.ip(&format!("link add link {NEAR} name vlan7 type vlan id 7"))?;
    wire.near.ip("link set vlan7 arp off up")?;
    let daemon = Plan::new(&wire.near)?.interface("vlan7").list("ONE", ONE)?.start()?;
    assert_eq!(daemon.status()?["interfaces"][0]["ingress"]["mode"], "generic");
    let frame = |source: &str, vlan| Frame::between(source, "198.51.100.9").tag(DOT1Q, vlan).bytes();
    wire.sender()?.send_all([&frame("203.0.113.1", 8), &restricted(), &frame("203.0.113.2", 7)])?;
    let event = daemon.wait_for_events(1)?.remove(0);
    assert_eq!((&event["src_ip"], &event["in_iface"]), (&json!("203.0.113.2"), &json!("vlan7")));
    assert_eq!(event.get("vlan"), None);
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(ended.alerts()?.len(), 1, "the others are not its own");
    Ok(())
}

/// A veth end, which is a container's interface: native, and no more than its own packets.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn both_ends_of_a_veth_pair_can_be_watched_by_two_daemons() -> Result<()> {
    let wire = Wire::new()?;
    let start = |namespace, name: &str| Plan::new(namespace)?.interface(name).list("ONE", ONE)?.start();
    let (near, far) = (start(&wire.near, NEAR)?, start(&wire.far, harness::veth::FAR)?);
    wire.sender()?.send(&restricted(), 1)?;
    assert_eq!(near.wait_for_events(1)?[0]["checker"]["mode"], "native");
    Sender::new(&wire.near, NEAR)?.send(&restricted(), 1)?;
    assert_eq!(far.wait_for_events(1)?[0]["in_iface"], harness::veth::FAR);
    for daemon in [near, far] {
        assert_eq!(daemon.status()?["account"]["seen"], 1);
        daemon.stop()?.expect(0)?;
    }
    Ok(())
}

/// What a macvlan gets, by its hardware address.
#[test]
#[ignore = "needs root: namespaces, XDP, macvlan devices"]
fn a_macvlan_sees_its_own_packets() -> Result<()> {
    let wire = Wire::new()?;
    if !wire.near.can_make("macvlan")? {
        return Ok(());
    }
    wire.near.ip(&format!("link add link {NEAR} name mac0 address {} type macvlan mode bridge", mac()))?;
    wire.near.ip("link set mac0 arp off up")?;
    let daemon = Plan::new(&wire.near)?.interface("mac0").list("ONE", ONE)?.start()?;
    let hook = daemon.status()?["interfaces"][0]["ingress"].clone();
    assert_eq!((&hook["mode"], &hook["attached"]), (&json!("generic"), &Value::Bool(true)));
    wire.sender()?.send(&restricted(), 1)?;
    assert_eq!(daemon.wait_for_events(1)?[0]["in_iface"], "mac0");
    daemon.stop()?.expect(0)?;
    Ok(())
}
