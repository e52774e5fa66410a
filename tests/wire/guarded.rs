//! Whoever blinds the daemon is noticed: each thing that can be done to what is attached is a record of the stream, and
//! with `--reattach` it is put right.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use aya::{
    maps::{Array, Map, MapData, MapInfo, loaded_maps},
    programs::loaded_programs,
};
use checker_common::{abi, action::Action};
use harness::{
    bpftool::{Pinned, detach_link_of},
    daemon::Daemon,
    egress::has_tcx,
    plan::Plan,
    send::Sender,
    stranger::Stranger,
    veth::{FAR, NEAR, Wire},
    wait::wait_until,
};
use serde_json::{Value, json};

use crate::{ONE, ordinary, restricted};

fn watched<'a>(wire: &'a Wire, words: &[&str]) -> Result<Plan<'a>> {
    Ok(Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(words))
}

/// Waits until the stream tells so many times that this happened, and gives the last one.
pub(crate) fn wait_for(daemon: &Daemon, what: &str, count: usize) -> Result<Value> {
    let name = json!(what);
    wait_until(&format!("the stream tells of {what} {count} times"), || {
        let lines = daemon.process().stdout.lock().clone();
        let events = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut told: Vec<_> =
            events.map(|event| event["integrity"].clone()).filter(|told| told["what"] == name).collect();
        if told.len() < count {
            return Err(format!("it tells {lines:?}"));
        }
        Ok(told.swap_remove(count - 1))
    })
}

fn wait_for_alert(daemon: &Daemon, interface: &str) -> Result<()> {
    wait_until(&format!("there is an alert on {interface}"), || {
        let lines = daemon.process().stdout.lock().clone();
        let found = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut found = found.filter(|event| event["in_iface"] == interface);
        found.next().map(drop).ok_or_else(|| format!("it tells {lines:?}"))
    })
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn a_program_that_is_taken_off_is_told_of_and_put_on_again_on_request_only() -> Result<()> {
    for reattach in [false, true] {
        let wire = Wire::new()?;
        let words: &[&str] =
            if reattach { &["--direction", "both", "--reattach"] } else { &["--direction", "both"] };
        let daemon = watched(&wire, words)?.start()?;
        let program = wire.xdp_program(NEAR)?.context("nothing is attached")?;
        detach_link_of(program)?;
        let lost = wait_for(&daemon, "hook_lost", 1)?;
        assert_eq!(lost["interface"], NEAR);
        assert_eq!((&lost["hook"], &lost["reason"]), (&json!("ingress"), &json!("it was detached")));
        if !reattach {
            assert_eq!(daemon.status()?["interfaces"][0]["ingress"]["attached"], false);
            assert_eq!(wire.xdp_program(NEAR)?, None);
            let ended = daemon.stop()?.expect(0)?;
            assert_eq!(ended.stdout.matches("hook_lost").count(), 1, "once: {}", ended.stdout);
            continue;
        }
        assert_eq!(wait_for(&daemon, "hook_restored", 1)?["hook"], "ingress");
        assert_eq!(wire.xdp_program(NEAR)?, Some(program));
        wire.take_off_egress(NEAR)?;
        assert_eq!(wait_for(&daemon, "hook_lost", 2)?["hook"], "egress");
        assert_eq!(wait_for(&daemon, "hook_restored", 2)?["hook"], "egress");
        assert_eq!(wire.egress_programs(NEAR)?.len(), 1);
        let status = daemon.status()?;
        assert_eq!(status["unhealthy"], json!([]));
        wire.sender()?.send(&restricted(), 1)?;
        wait_for_alert(&daemon, NEAR)?;
        daemon.stop()?.expect(0)?;
        assert_eq!(wire.xdp_program(NEAR)?, None);
        assert!(wire.egress_programs(NEAR)?.is_empty());
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_foreign_program_in_its_place_is_named_and_stays() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watched(&wire, &["--reattach"])?.start()?;
    let foreign = Pinned::load()?;
    let id = foreign.show()?["id"].as_u64().context("no id")?;
    // The daemon may be quicker than the one who replaces.
    wait_until("the foreign program is on the interface", || -> Result<()> {
        let program = wire.xdp_program(NEAR)?.map(u64::from);
        if program != Some(id) {
            if let Some(program) = program {
                detach_link_of(u32::try_from(program)?)?;
            }
            foreign.attach(&wire.near, NEAR)?;
        }
        Ok(())
    })?;
    let failed = wait_for(&daemon, "reattach_failed", 1)?;
    let reason = failed["reason"].as_str().unwrap_or_default();
    // In the sandbox it may not ask for names.
    let sentence = format!("near0 already runs the XDP program of an unknown name (id {id}, native mode)");
    assert!(reason.starts_with(&sentence), "{reason}");
    assert_eq!(wire.xdp_program(NEAR)?.map(u64::from), Some(id));
    let status = daemon.status()?;
    assert_eq!(status["unhealthy"][0], "hook: checker's program is not on the ingress of near0");
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(ended.stdout.matches("reattach_failed").count(), 1, "once: {}", ended.stdout);
    assert_eq!(wire.xdp_program(NEAR)?.map(u64::from), Some(id), "it is not the daemon's");
    Ok(())
}

/// `bpf_link_update` is told to nobody, and the link is there as before.
#[test]
#[ignore = "needs root: namespaces, XDP, TCX, bpffs"]
fn a_stranger_s_program_in_its_own_links_is_named_and_put_out_on_request_only() -> Result<()> {
    for words in [&["--direction", "both"][..], &["--direction", "both", "--reattach"]] {
        let wire = Wire::new()?;
        let daemon = watched(&wire, words)?.start()?;
        let mut stranger = Stranger::load()?;
        let program = wire.xdp_program(NEAR)?.context("nothing is attached")?;
        let foreign = stranger.take_over_ingress(program)?;
        let lost = wait_for(&daemon, "hook_lost", 1)?;
        assert_eq!((&lost["interface"], &lost["hook"]), (&json!(NEAR), &json!("ingress")));
        // In the sandbox it may not ask for names.
        let sentence =
            format!("it was replaced by the program of an unknown name (id {foreign}, native mode)");
        assert_eq!(lost["reason"], sentence);
        let reattach = words.contains(&"--reattach");
        if reattach {
            assert_eq!(wait_for(&daemon, "hook_restored", 1)?["hook"], "ingress");
            assert_eq!(wire.xdp_program(NEAR)?, Some(program));
            wire.sender()?.send(&restricted(), 1)?;
            wait_for_alert(&daemon, NEAR)?;
        } else {
            let health = daemon.status()?["unhealthy"].clone();
            assert_eq!(health, json!(["hook: checker's program is not on the ingress of near0"]));
            assert_eq!(wire.xdp_program(NEAR)?, Some(foreign));
        }
        if has_tcx()? {
            let program = wire.egress_programs(NEAR)?[0];
            let foreign = stranger.take_over_egress(program)?;
            let lost = wait_for(&daemon, "hook_lost", 2)?;
            assert_eq!(lost["hook"], "egress");
            let sentence =
                format!("it was replaced by the program of an unknown name (id {foreign}, tcx mode)");
            assert_eq!(lost["reason"], sentence);
            if reattach {
                assert_eq!(wait_for(&daemon, "hook_restored", 2)?["hook"], "egress");
                assert_eq!(wire.egress_programs(NEAR)?, [program]);
            }
        }
        // As long as somebody holds a link it stays, whoever made it.
        drop(stranger);
        daemon.stop()?.expect(0)?;
        // It was the daemon's own, whatever was in it.
        assert_eq!(wire.xdp_program(NEAR)?, None);
        assert!(wire.egress_programs(NEAR)?.is_empty());
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_link_that_goes_down_and_another_name_are_told_of() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watched(&wire, &[])?.start()?;
    wire.near.ip(&format!("link set {NEAR} down"))?;
    assert_eq!(wait_for(&daemon, "link_down", 1)?["interface"], NEAR);
    assert_eq!(daemon.status()?["unhealthy"][0], "link: near0 is not up: there is nothing to see");
    wire.near.ip(&format!("link set {NEAR} name other0"))?;
    let renamed = wait_for(&daemon, "interface_renamed", 1)?;
    assert_eq!((&renamed["from"], &renamed["interface"]), (&json!(NEAR), &json!("other0")));
    wire.near.ip("link set other0 up")?;
    assert_eq!(wait_for(&daemon, "link_up", 1)?["interface"], "other0");
    wire.sender()?.send(&restricted(), 1)?;
    wait_for_alert(&daemon, "other0")?;
    assert_eq!(daemon.status()?["interfaces"][0]["name"], "other0");
    assert_eq!(daemon.call("detach", &["-i", "other0"])?.expect(0)?.stdout, "detached from other0\n");
    daemon.wait()?.0.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_interface_that_was_removed_and_is_there_again_is_watched_again_on_request_only() -> Result<()> {
    for reattach in [false, true] {
        let wire = Wire::new()?;
        let daemon = watched(&wire, if reattach { &["--reattach"] } else { &[] })?.start()?;
        wire.near.ip(&format!("link del {NEAR}"))?;
        assert_eq!(wait_for(&daemon, "interface_gone", 1)?["interface"], NEAR);
        wire.add_pair(NEAR, FAR)?;
        let back = wait_for(&daemon, "interface_returned", 1)?;
        let attached = if reattach && back["attached"] == false {
            // There was a look between its coming and its being attached to.
            wait_for(&daemon, "interface_returned", 2)?["attached"].clone()
        } else {
            back["attached"].clone()
        };
        assert_eq!(attached, reattach);
        if reattach {
            wait_until("it is up", || match daemon.status() {
                Ok(status) if status["unhealthy"] == json!([]) => Ok(()),
                Ok(status) => Err(status["unhealthy"].to_string()),
                Err(error) => Err(format!("{error:#}")),
            })?;
            wire.sender()?.send(&restricted(), 1)?;
            wait_for_alert(&daemon, NEAR)?;
        } else {
            assert_eq!(wire.xdp_program(NEAR)?, None);
        }
        daemon.stop()?.expect(0)?;
        assert_eq!(wire.xdp_program(NEAR)?, None);
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn who_started_changed_and_stopped_it_is_in_the_stream() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watched(&wire, &["--audit", "on"])?.start()?;
    let started = wait_for(&daemon, "started", 1)?;
    assert_eq!(started["pid"], daemon.process().pid());
    assert_eq!(started["lists"][0]["label"], "ONE");
    assert_eq!(wait_for(&daemon, "attached", 1)?["interface"], NEAR);
    daemon.call("reload", &[])?.expect(0)?;
    let changed = wait_for(&daemon, "lists_changed", 1)?;
    assert_eq!((&changed["command"], &changed["by"]["uid"]), (&json!("reload"), &json!(0)));
    assert!(changed["by"]["pid"].as_u64() > Some(1), "{changed}");
    let ended = daemon.stop()?.expect(0)?;
    let stopped =
        ended.stdout.lines().find(|line| line.contains("\"what\":\"stopped\"")).context("no stop")?;
    let stopped: Value = serde_json::from_str(stopped)?;
    assert_eq!(stopped["integrity"]["reason"], "SIGINT");
    assert_eq!(stopped["integrity"]["by"], json!({"uid": 0, "pid": std::process::id()}));
    assert!(!ended.stdout.contains("heartbeat"), "{}", ended.stdout);
    Ok(())
}

/// The class table of the daemon's program.
pub(crate) fn class_table(wire: &Wire) -> Result<Array<MapData, u32>> {
    let program = wire.xdp_program(NEAR)?.context("no program on the interface")?;
    let info = loaded_programs().flatten().find(|info| info.id() == program).context("no such program")?;
    let maps = info.map_ids()?.context("this kernel does not tell the maps of a program")?;
    let named = |map: &MapInfo| map.name_as_str() == Some(abi::CLASSES) && maps.contains(&map.id());
    let table = loaded_maps().flatten().find(named).context("no map of that name")?;
    Ok(Map::Array(MapData::from_id(table.id())?).try_into()?)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_map_that_is_changed_behind_its_back_is_told_of() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watched(&wire, &[])?.start()?;
    let mut classes = class_table(&wire)?;
    // The one label is an exception from now on: the program finds it, and says nothing.
    classes.set(1, Action::Allow.value(), 0)?;
    let changed = wait_for(&daemon, "map_changed", 1)?;
    assert_eq!(
        (&changed["map"], &changed["reason"]),
        (&json!("CLASSES"), &json!("the action of ONE is 3, not 1"))
    );
    let reasons = daemon.status()?["unhealthy"].clone();
    assert_eq!(reasons, json!(["maps: CLASSES: the action of ONE is 3, not 1"]));
    classes.set(1, Action::Alert.value(), 0)?;
    assert_eq!(wait_for(&daemon, "map_restored", 1)?["map"], "CLASSES");
    assert_eq!(daemon.status()?["unhealthy"], json!([]));
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn packets_that_stop_coming_are_told_of_where_some_came() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watched(&wire, &["--silence", "1s"])?.start()?;
    wire.sender()?.send(&restricted(), 1)?;
    let told = wait_for(&daemon, "silent", 1)?;
    assert!(told["interface"] == NEAR && told["seconds"].as_u64() >= Some(1), "{told}");
    let reason = daemon.status()?["unhealthy"][0].clone();
    let sentence = "packets: no packet has come on near0 for ";
    assert!(reason.as_str().unwrap_or_default().starts_with(sentence), "{reason}");
    wire.sender()?.send(&restricted(), 1)?;
    assert_eq!(wait_for(&daemon, "heard", 1)?["interface"], NEAR);
    let ended = daemon.stop()?.expect(0)?;
    // Nothing reached the program because nothing came.
    assert!(!ended.stdout.contains("\"silent\",\"seconds\""), "{}", ended.stdout);
    Ok(())
}

/// Sends an ordinary packet to each of these ends every tenth of a second, until `done` says so.
fn keep_sending<T>(wire: &Wire, ends: &[&str], done: impl FnOnce() -> Result<T>) -> Result<T> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let sending = scope.spawn(|| -> Result<()> {
            // A minute, also where `done` panics and never says that it is over.
            for _ in 0..600 {
                if over.load(Relaxed) {
                    break;
                }
                for end in ends {
                    Sender::new(&wire.far, end)?.send(&ordinary(), 1)?;
                }
                thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        });
        let done = done();
        over.store(true, Relaxed);
        sending.join().map_err(|_| anyhow::anyhow!("the sender died"))??;
        done
    })
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn one_interface_of_two_that_goes_mute_is_told_of() -> Result<()> {
    let wire = Wire::new()?;
    wire.add_pair("near1", "far1")?;
    wire.add_pair("near2", "far2")?;
    // Of the third one nothing ever comes.
    let daemon = watched(&wire, &["-i", "near1", "-i", "near2", "--silence", "2s"])?.start()?;
    keep_sending(&wire, &[FAR, "far1"], || daemon.wait_until_seen(10))?;
    keep_sending(&wire, &["far1"], || {
        assert_eq!(wait_for(&daemon, "silent", 1)?["interface"], NEAR);
        let reasons = daemon.status()?["unhealthy"].clone();
        assert_eq!(reasons.as_array().map(Vec::len), Some(1), "{reasons}");
        Ok(())
    })?;
    keep_sending(&wire, &[FAR, "far1"], || {
        assert_eq!(wait_for(&daemon, "heard", 1)?["interface"], NEAR);
        assert_eq!(daemon.status()?["unhealthy"], json!([]));
        Ok(())
    })?;
    let ended = daemon.stop()?.expect(0)?;
    assert!(!ended.stdout.contains("near2") && !ended.stdout.contains("near1"), "{}", ended.stdout);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn packets_that_come_and_do_not_reach_the_program_are_told_of() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watched(&wire, &["--silence", "5s"])?.start()?;
    // Sent all the while: an interface on which nothing comes is something else.
    keep_sending(&wire, &[FAR], || {
        daemon.wait_until_seen(3)?;
        let program = wire.xdp_program(NEAR)?.context("nothing is attached")?;
        let mut foreign = Stranger::load()?;
        foreign.take_over_ingress(program)?;
        let told = wait_for(&daemon, "silent", 1)?;
        assert!(told["interface"].is_null() && told["seconds"].as_u64() >= Some(5), "{told}");
        Ok(())
    })?;
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_list_that_grows_stale_is_told_of_and_so_is_a_fresh_one() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watched(&wire, &["--stale", "1h"])?.start()?;
    let list = daemon.lists.folder().join("one.txt");
    let old = std::time::SystemTime::now() - Duration::from_secs(7_200);
    std::fs::File::options().write(true).open(&list)?.set_modified(old)?;
    daemon.call("reload", &[])?.expect(0)?;
    let stale = wait_for(&daemon, "list_stale", 1)?;
    assert_eq!((&stale["label"], &stale["name"]), (&json!("ONE"), &json!("one.txt")));
    assert_eq!(stale["reason"], "ONE one.txt was last written 2 hours ago");
    daemon.lists.write("one.txt", ONE)?;
    daemon.call("reload", &[])?.expect(0)?;
    assert_eq!(wait_for(&daemon, "list_fresh", 1)?["name"], "one.txt");
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(ended.stdout.matches("list_stale").count(), 1, "once: {}", ended.stdout);
    Ok(())
}
