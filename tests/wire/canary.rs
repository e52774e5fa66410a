//! Silence is not proof: the canary is found, its absence is told, and it is nothing to anybody else.

use anyhow::{Context as _, Result};
use aya::{
    maps::{Array, Map, MapData, MapInfo, loaded_maps},
    programs::loaded_programs,
};
use checker_common::abi;
use harness::{
    daemon::Daemon,
    frame::Frame,
    plan::Plan,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use serde_json::Value;

use crate::{ONE, restricted};

/// Where the canary stands unless a list covers it.
const CANARY: &str = "0.67.65.78";

fn watched(words: &[&str]) -> Result<(Wire, Daemon)> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--canary-every", "1s"]).words(words).start()?;
    Ok((wire, daemon))
}

fn wait_for_canary(daemon: &Daemon, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    wait_until(what, || match daemon.status() {
        Ok(status) if wanted(&status["canary"]) => Ok(status),
        Ok(status) => Err(status["canary"].to_string()),
        Err(error) => Err(format!("{error:#}")),
    })
}

/// Records beside the account, which stands at the end of every stream.
fn told(stdout: &str) -> usize {
    stdout.lines().filter(|line| !line.contains(r#""event_type":"stats""#)).count()
}

/// What the stream tells of, once it does.
fn incident(daemon: &Daemon, what: &str) -> Result<Value> {
    wait_until(&format!("the stream tells of {what}"), || {
        let lines = daemon.process().stdout.lock().clone();
        let events = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut told = events.filter(|event| event["integrity"]["what"] == what);
        told.next().map(|event| event["integrity"].clone()).ok_or_else(|| format!("it tells {lines:?}"))
    })
}

fn three_looks(canary: &Value) -> bool {
    canary["looks"].as_u64() >= Some(3)
}

/// The map of the daemon's program that says which generation judges.
fn active(wire: &Wire) -> Result<Array<MapData, u64>> {
    let program = wire.xdp_program(NEAR)?.context("no program on the interface")?;
    let info = loaded_programs().flatten().find(|info| info.id() == program).context("no such program")?;
    let maps = info.map_ids()?.context("this kernel does not tell the maps of a program")?;
    let named = |map: &MapInfo| map.name_as_str() == Some(abi::ACTIVE) && maps.contains(&map.id());
    let active = loaded_maps().flatten().find(named).context("no map of that name")?;
    Ok(Map::Array(MapData::from_id(active.id())?).try_into()?)
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn every_program_finds_it_and_nothing_counts_it() -> Result<()> {
    for direction in ["ingress", "egress", "both", "mirror"] {
        let (_wire, daemon) = watched(&["--direction", direction])?;
        let status = wait_for_canary(&daemon, "three looks", three_looks)?;
        assert_eq!(status["canary"]["state"], "found", "{direction}");
        assert_eq!(status["canary"]["failures"], 0, "{direction}");
        assert_eq!(status["unhealthy"], serde_json::json!([]), "{direction}");
        assert_eq!(status["account"]["seen"], 0, "{direction}: {}", status["account"]);
        assert_eq!((status["ranges_v4"].as_u64(), status["ranges_v6"].as_u64()), (Some(1), Some(1)));
        let ended = daemon.stop()?.expect(0)?;
        assert_eq!(told(&ended.stdout), 0, "{direction}: {}", ended.stdout);
        assert!(ended.stderr.contains("packets  seen 0, judged 0"), "{}", ended.stderr);
    }
    Ok(())
}

/// The account stays exact with looks in between.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn packets_are_counted_as_if_there_were_no_canary() -> Result<()> {
    let (wire, daemon) = watched(&[])?;
    let sender = wire.sender()?;
    let mut sent = 0_u64;
    while !three_looks(&daemon.status()?["canary"]) {
        sender.send(&restricted(), 10)?;
        sent += 1;
    }
    daemon.wait_until_seen(sent * 10)?;
    let account = daemon.status()?["account"].clone();
    assert_eq!(account["seen"], sent * 10, "{account}");
    assert_eq!(account["outcomes"]["alerted"], sent * 10, "{account}");
    assert_eq!(account["outcomes"]["unknown_class"], 0, "{account}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_program_that_no_longer_finds_it_is_told_of_until_it_does() -> Result<()> {
    let (wire, daemon) = watched(&[])?;
    let mut active = active(&wire)?;
    active.set(0, 0, 0)?;
    let failed = &incident(&daemon, "canary_failed")?;
    assert_eq!(failed["reason"], format!("the program checker does not find {CANARY}"));
    let status =
        wait_for_canary(&daemon, "a second failure", |canary| canary["failures"].as_u64() >= Some(2))?;
    assert_eq!(status["unhealthy"][0], format!("canary: the program checker does not find {CANARY}"));
    let shown = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(shown.contains("\ncanary: NOT FOUND: the program checker does not find"), "{shown}");
    assert!(shown.contains("\nNOT HEALTHY: canary: "), "{shown}");

    active.set(0, 1, 0)?;
    incident(&daemon, "canary_recovered")?;
    // The map that was changed is told of by itself.
    incident(&daemon, "map_restored")?;
    let status = wait_for_canary(&daemon, "that it is found", |canary| canary["state"] == "found")?;
    assert_eq!(status["unhealthy"], serde_json::json!([]));
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(told(&ended.stdout), 4, "once each: {}", ended.stdout);
    assert!(ended.stderr.contains("silence is no proof of anything"), "{}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn it_is_in_no_list_s_way() -> Result<()> {
    let (wire, daemon) = watched(&[])?;
    let frame = Frame::between(CANARY, "198.51.100.9").bytes();
    // In no list: counted, and no alert.
    wire.sender()?.send(&frame, 2)?;
    daemon.wait_until_seen(2)?;
    assert_eq!(daemon.status()?["account"]["outcomes"]["unknown_class"], 2);
    // A list that covers it: the canary goes elsewhere.
    daemon.lists.write("two.txt", "0.0.0.0/8\n240.0.0.0/4\n192.0.2.0/24\n100::/8\n2001:db8::/16\n")?;
    daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
    wire.sender()?.send(&frame, 1)?;
    let events = daemon.wait_for_events(1)?;
    assert_eq!(
        (&events[0]["checker"]["label"], &events[0]["checker"]["prefix"]),
        (&"TWO".into(), &"0.0.0.0/8".into())
    );
    let status = wait_for_canary(&daemon, "three looks", three_looks)?;
    assert_eq!(status["canary"]["state"], "found");
    // Without lists, or with one that covers everything, there is none.
    daemon.call("unload", &["ONE"])?.expect(0)?;
    daemon.call("unload", &["TWO"])?.expect(0)?;
    let status = daemon.status()?;
    assert_eq!(status["canary"]["state"], "absent");
    assert_eq!(status["unhealthy"][0], "list: no list is loaded, no packet is judged");
    daemon.lists.write("all.txt", "0.0.0.0/0\n")?;
    daemon.call("load", &["ALL=all.txt", "--force"])?.expect(0)?;
    assert_eq!(daemon.status()?["canary"]["state"], "absent");
    assert_eq!(daemon.status()?["unhealthy"], serde_json::json!([]));
    Ok(())
}
