//! Namespaces that are deleted under the daemon, and an interface that comes and goes under traffic. (`guarded` has how that
//! is told.)

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use anyhow::{Context as _, Result, anyhow, ensure};
use harness::{
    plan::Plan,
    send::Sender,
    veth::{FAR, NEAR, Wire},
    wait::wait_until,
};

use serde_json::json;

use crate::{ONE, guarded::wait_for, restricted, watched};

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

/// How often it goes.
const ROUNDS: usize = 8;

/// It is watched each time it is there again; meanwhile nothing is lost on the other one, and the account closes over both.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_interface_may_come_and_go_under_traffic() -> Result<()> {
    let wire = Wire::new()?;
    wire.add_pair("near1", "far1")?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).interface("near1").list("ONE", ONE)?;
    let daemon = plan.words(&["--reattach"]).start()?;
    let done = AtomicBool::new(false);
    let sent = thread::scope(|scope| -> Result<u64> {
        let steady = scope.spawn(|| -> Result<u64> {
            let (sender, mut sent) = (wire.sender()?, 0);
            while !done.load(Relaxed) {
                sender.send(&restricted(), 5)?;
                sent += 5;
                thread::sleep(std::time::Duration::from_millis(1));
            }
            Ok(sent)
        });
        scope.spawn(|| {
            while !done.load(Relaxed) {
                // There is an end to it whenever the interface is gone.
                let _gone = Sender::new(&wire.far, "far1").and_then(|sender| {
                    while !done.load(Relaxed) {
                        sender.send(&restricted(), 5)?;
                    }
                    Ok(())
                });
            }
        });
        let came_and_went = (1..=ROUNDS).try_for_each(|round| {
            wire.near.ip("link del near1")?;
            assert_eq!(wait_for(&daemon, "interface_gone", round)?["interface"], "near1");
            wire.add_pair("near1", "far1")?;
            wait_until("all is well again", || -> Result<()> {
                let status = daemon.status()?;
                let attached = &status["interfaces"][1]["ingress"]["attached"];
                ensure!(status["unhealthy"] == json!([]) && *attached == true, "{}", status["unhealthy"]);
                Ok(())
            })?;
            let seen = daemon.status()?["account"]["seen"].as_u64().context("no account")?;
            daemon.wait_until_seen(seen + 100)
        });
        done.store(true, Relaxed);
        came_and_went?;
        steady.join().map_err(|_| anyhow!("the sender died"))?
    })?;
    let ended = daemon.stop()?.expect(0)?;
    let told = |interface: Option<&str>| -> Result<u64> {
        let alerts = ended.alerts()?;
        let alerts = alerts.iter().filter(|alert| interface.is_none_or(|name| alert["in_iface"] == name));
        Ok(alerts.filter_map(|alert| alert["checker"]["count"].as_u64()).sum())
    };
    assert_eq!(told(Some(NEAR))?, sent, "the other one has lost nothing");
    let account = format!("account  matched {} = ", told(None)?);
    assert!(ended.stderr.contains(&account), "not {account:?} but {}", ended.stderr);
    assert!(told(Some("near1"))? > 0, "nobody sent to the one that came and went");
    assert_eq!((wire.xdp_program(NEAR)?, wire.xdp_program("near1")?), (None, None));
    Ok(())
}
