//! Namespaces that are deleted under the daemon. (`attach` has the interface that goes away.)

use anyhow::{Result, ensure};
use harness::{
    plan::Plan,
    send::Sender,
    veth::{FAR, NEAR, Wire},
    wait::wait_until,
};

use crate::{ONE, restricted, watched};

/// With the other end of the cable the interface is gone; the daemon, its account and its other interfaces are not.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_namespace_at_the_other_end_may_go() -> Result<()> {
    let wire = Wire::new()?;
    wire.near.ip("link add near1 type veth peer name other1")?;
    wire.near.ip("link set near1 arp off up")?;
    wire.near.ip("link set other1 arp off up")?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).interface("near1").list("ONE", ONE)?.start()?;
    wire.sender()?.send(&restricted(), 3)?;
    daemon.wait_until_seen(3)?;
    let Wire { near, far } = wire;
    drop(far);
    wait_until("the interface is gone", || -> Result<()> {
        let ingress = daemon.status()?["interfaces"][0]["ingress"].clone();
        ensure!(ingress["attached"] == false, "{ingress}");
        Ok(())
    })?;
    Sender::new(&near, "other1")?.send(&restricted(), 2)?;
    daemon.wait_until_seen(5)?;
    let ended = daemon.stop()?.expect(0)?;
    assert!(
        ended.stderr.contains("account  matched 5 = "),
        "what was counted stays counted: {}",
        ended.stderr
    );
    Ok(())
}

/// Its own namespace lives as long as the daemon is in it, whatever becomes of the name.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_name_of_its_own_namespace_may_go() -> Result<()> {
    let (wire, daemon) = watched()?;
    let Wire { near, far } = wire;
    drop(near);
    Sender::new(&far, FAR)?.send(&restricted(), 3)?;
    daemon.wait_until_seen(3)?;
    assert_eq!(daemon.status()?["interfaces"][0]["ingress"]["attached"], true);
    let ended = daemon.stop()?.expect(0)?;
    assert!(ended.stderr.contains("account  matched 3 = "), "{}", ended.stderr);
    Ok(())
}
