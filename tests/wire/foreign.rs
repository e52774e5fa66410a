//! An interface that has an XDP program already: whose it is, is said; it is left alone, and replaced only by who says so
//! and only where it can be.

use std::{path::Path, process};

use anyhow::{Context as _, Result, bail};
use aya::programs::{ProgramInfo, SchedClassifier, TcAttachType};
use harness::{
    bpftool::{Pinned, detach_link_of},
    egress,
    frame::{DOT1Q, Frame},
    plan::Plan,
    send::Sender,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use serde_json::{Value, json};

use crate::{ONE, ordinary, restricted, watched};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn of_two_daemons_the_first_stays() -> Result<()> {
    let (wire, first) = watched()?;
    let program = wire.xdp_program(NEAR)?.context("the first is not attached")?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("TWO", ONE)?;
    let ended = plan.words(&["--mode", "native"]).refused()?.expect(2)?;
    let sentence =
        format!("checker: near0 already runs the XDP program checker (id {program}, native mode, tag ");
    assert!(ended.stderr.contains(&sentence), "{}", ended.stderr);
    let holder =
        format!(", loaded by uid 0), held by checker (pid {}); it is left alone", first.process().pid());
    assert!(ended.stderr.contains(&holder), "{}", ended.stderr);

    assert_eq!(wire.xdp_program(NEAR)?, Some(program));
    wire.sender()?.send(&restricted(), 2)?;
    first.wait_for_events(2)?;
    Ok(())
}

/// The link of a program belongs to who holds it: not even root can take it away.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn force_does_not_take_an_interface_from_a_living_daemon() -> Result<()> {
    let (wire, first) = watched()?;
    let program = wire.xdp_program(NEAR)?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("TWO", ONE)?;
    let ended = plan.words(&["--force"]).refused()?.expect(2)?;
    assert!(ended.stderr.contains("stop the program that holds it"), "{}", ended.stderr);

    assert_eq!(wire.xdp_program(NEAR)?, program);
    wire.sender()?.send(&restricted(), 2)?;
    first.wait_for_events(2)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn beside_a_foreign_program_checker_takes_what_that_lets_through() -> Result<()> {
    let wire = Wire::new()?;
    let foreign = Pinned::load()?;
    foreign.attach(&wire.near, NEAR)?;
    let shown = foreign.show()?;
    let (id, tag) = (shown["id"].as_u64().context("no id")?, shown["tag"].as_str().context("no tag")?);
    let owner = format!("checker (id {id}, native mode, tag {tag}, loaded by uid 0), held by no process");
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    if !egress::has_tcx()? {
        let ended = plan.refused()?.expect(2)?;
        let sentence =
            format!("near0 already runs the XDP program {owner}; it is left alone, --force would replace it");
        assert!(ended.stderr.contains(&sentence), "{}", ended.stderr);
        assert_eq!(wire.xdp_program(NEAR)?.map(u64::from), Some(id));
        return Ok(());
    }
    let daemon = plan.start()?;
    let why = format!("XDP is taken by {owner}");
    daemon.process().wait_for_stderr("whose it is", |line| {
        line.contains(&format!("near0: {why}; it is left alone, and what it drops or redirects is not seen"))
            .then_some(())
    })?;
    let hook = daemon.status()?["interfaces"][0]["ingress"].clone();
    assert_eq!(hook, json!({"mode": "tcx", "fallback": why, "attached": true}));
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(printed.contains(&format!("): tcx mode, because {why}, up\n")), "{printed}");

    // The tag of the second one stands beside the frame here.
    let tagged = Frame::between("203.0.113.1", "198.51.100.9").tag(DOT1Q, 100).udp(40_000, 623).bytes();
    wire.sender()?.send_all([&restricted(), &tagged, &ordinary()])?;
    let events = daemon.wait_for_events(2)?;
    for event in &events {
        let about = [
            &event["src_ip"],
            &event["checker"]["direction"],
            &event["checker"]["side"],
            &event["checker"]["mode"],
        ];
        assert_eq!(about, ["203.0.113.1", "ingress", "src", "tcx"]);
        assert_eq!(event["in_iface"], NEAR);
    }
    assert_eq!((&events[0]["vlan"], &events[1]["vlan"]), (&Value::Null, &json!([100])));
    let ended = daemon.stop()?.expect(0)?;
    assert!(
        ended.stderr.contains("seen 3, judged 3 (100.0 %): alerted 2, compliant 1\n"),
        "{}",
        ended.stderr
    );
    assert_eq!(wire.xdp_program(NEAR)?.map(u64::from), Some(id), "it is where it was");
    assert!(ingress_programs(&wire)?.is_empty(), "something is left");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn a_list_that_drops_drops_behind_a_foreign_program_too() -> Result<()> {
    if !egress::has_tcx()? {
        return Ok(());
    }
    let wire = Wire::new()?;
    let foreign = Pinned::load()?;
    foreign.attach(&wire.near, NEAR)?;
    let plan = Plan::new(&wire.near)?.interface(NEAR);
    let list = plan.lists().write("one.txt", ONE)?;
    let config = plan.lists().write(
        "checker.toml",
        &format!("[[list]]\nlabel = \"ONE\"\npath = {:?}\naction = \"drop\"\n", list.display().to_string()),
    )?;
    let daemon = plan.words(&["--config", config.to_str().context("a path")?]).start()?;
    wire.sender()?.send_all([&restricted(), &ordinary()])?;
    let event = daemon.wait_for_events(1)?.remove(0);
    assert_eq!((&event["alert"]["action"], &event["checker"]["mode"]), (&json!("blocked"), &json!("tcx")));
    // Whoever takes it off is seen to have done so.
    let [program] = ingress_programs(&wire)?[..] else { bail!("not one program") };
    detach_link_of(program)?;
    let hook = daemon.status()?["interfaces"][0]["ingress"].clone();
    assert_eq!(hook["attached"], false, "{hook}");
    daemon.stop()?.expect(0)?;
    Ok(())
}

/// In the sandbox, where no program can be loaded any more: the one for this place is there already.
#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn an_interface_that_comes_back_with_a_foreign_program_is_watched_behind_it() -> Result<()> {
    if !egress::has_tcx()? {
        return Ok(());
    }
    let wire = Wire::new()?;
    let foreign = Pinned::load()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--direction", "both", "--reattach"]).start()?;
    wire.add_pair("other0", "other1")?;
    foreign.attach(&wire.near, "other0")?;
    wire.near.ip(&format!("link del {NEAR}"))?;
    wire.near.ip("link set other0 down")?;
    wire.near.ip(&format!("link set other0 name {NEAR} up"))?;
    let hooks = wait_until("it is watched again", || {
        let status = daemon.status().map_err(|error| format!("{error:#}"))?;
        if status["unhealthy"] == json!([]) {
            return Ok(status["interfaces"][0].clone());
        }
        Err(format!("{status}"))
    })?;
    assert_eq!((&hooks["ingress"]["mode"], &hooks["ingress"]["attached"]), (&json!("tcx"), &json!(true)));
    let why = hooks["ingress"]["fallback"].as_str().unwrap_or_default().to_owned();
    assert!(why.starts_with("XDP is taken by ") && !why.contains("held by"), "{why}");
    // The one that is taken off is put on again in the same place.
    let [program] = ingress_programs(&wire)?[..] else { bail!("not one program") };
    detach_link_of(program)?;
    wait_until("it is on again", || match ingress_programs(&wire) {
        Ok(programs) if programs == [program] => Ok(()),
        found => Err(format!("{found:?}")),
    })?;
    Sender::new(&wire.far, "other1")?.send(&restricted(), 1)?;
    wait_until("there is an alert", || {
        let lines = daemon.process().stdout.lock().clone();
        let told = |line: &&String| line.contains("\"mode\":\"tcx\"") && line.contains("203.0.113.1");
        lines.iter().find(told).map(drop).ok_or_else(|| format!("{lines:?}"))
    })?;
    assert_eq!(daemon.call("detach", &["-i", NEAR])?.expect(0)?.stdout, format!("detached from {NEAR}\n"));
    daemon.wait()?.0.expect(0)?;
    assert!(ingress_programs(&wire)?.is_empty(), "something is left");
    Ok(())
}

/// Pins are of XDP: nothing is left of the try.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn pins_are_refused_beside_a_foreign_program() -> Result<()> {
    let wire = Wire::new()?;
    let foreign = Pinned::load()?;
    foreign.attach(&wire.near, NEAR)?;
    let pins = format!("/sys/fs/bpf/checker-test-foreign-{}", process::id());
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let state = plan.lists().folder().display().to_string();
    let ended = plan.words(&[&format!("--pin={pins}"), "--state", &state]).refused()?.expect(2)?;
    let sentence = if egress::has_tcx()? {
        "--pin takes XDP for what near0 receives, and XDP is taken by checker (id "
    } else {
        "near0 already runs the XDP program checker (id "
    };
    assert!(ended.stderr.contains(sentence), "{}", ended.stderr);
    assert!(!Path::new(&pins).exists(), "{pins} is left");
    if egress::has_tcx()? {
        assert!(ingress_programs(&wire)?.is_empty(), "something is left");
    }
    Ok(())
}

/// The programs that TCX has on what [`NEAR`] receives.
fn ingress_programs(wire: &Wire) -> Result<Vec<u32>> {
    let query = || SchedClassifier::query_tcx(NEAR, TcAttachType::Ingress);
    let (_, programs) = wire.near.enter(query)??;
    Ok(programs.iter().map(ProgramInfo::id).collect())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn force_replaces_a_program_that_nobody_holds() -> Result<()> {
    let wire = Wire::new()?;
    let foreign = Pinned::load()?;
    foreign.attach(&wire.near, NEAR)?;
    let id = wire.xdp_program(NEAR)?;

    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--force"]).start()?;
    assert_ne!(wire.xdp_program(NEAR)?, id);
    wire.sender()?.send(&restricted(), 2)?;
    daemon.wait_for_events(2)?;
    daemon.stop()?.expect(0)?;
    assert_eq!(wire.xdp_program(NEAR)?, None, "nothing is left, and what was replaced does not come back");
    Ok(())
}
