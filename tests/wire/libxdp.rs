//! libxdp's dispatcher, with Debian's xdp-tools: checker joins it, works beside `xdp-filter`, and either leaves first.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    egress,
    frame::Frame,
    plan::Plan,
    receive::Receiver,
    veth::{NEAR, Wire},
    wait::wait_until,
    xdp_tools::Filtered,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};

use crate::{ONE, ordinary, restricted};

fn plan<'a>(wire: &'a Wire, words: &[&str]) -> Result<Plan<'a>> {
    Ok(Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(words))
}

/// Lines of `xdp-loader status` about programs that the dispatcher calls.
fn called(wire: &Wire) -> Result<Vec<String>> {
    let lines = wire.dispatched()?;
    Ok(lines.lines().filter(|line| line.trim_start().starts_with("=>")).map(str::to_owned).collect())
}

fn is_called(wire: &Wire, program: &str) -> Result<bool> {
    Ok(called(wire)?.iter().any(|line| line.contains(&format!(" {program} "))))
}

fn hook(daemon: &Daemon) -> Result<Value> {
    Ok(daemon.status()?["interfaces"][0]["ingress"].clone())
}

/// The number of checker's program, as `xdp-loader` tells it.
fn number(wire: &Wire) -> Result<String> {
    let lines = called(wire)?;
    let line = lines.iter().find(|line| line.contains(" checker ")).context("checker is not called")?;
    Ok(line.split_whitespace().nth(3).context("no number")?.to_owned())
}

fn wait_until_gone(wire: &Wire) -> Result<()> {
    wait_until("checker is out of the dispatcher", || match called(wire) {
        Ok(lines) if lines.iter().all(|line| !line.contains(" checker ")) => Ok(()),
        found => Err(format!("{found:?}")),
    })
}

/// Nothing is pinned any more for the time of joining.
fn nothing_is_left() -> Result<()> {
    let own = format!("checker-join-{}", std::process::id());
    for entry in fs::read_dir("/sys/fs/bpf")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        ensure!(!name.starts_with(&own), "{name} is left");
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, a dispatcher"]
fn both_work_and_checker_leaves_first() -> Result<()> {
    let wire = Wire::new()?;
    let Some(_filtered) = Filtered::load(&wire, "native")? else { return Ok(()) };
    wire.run("xdp-filter", &["port", "623", "-m", "dst", "-p", "udp"])?;
    let evidence = tempfile::tempdir()?;
    let folder = evidence.path().join("evidence").display().to_string();
    let words = ["--flows", "4096", "--tunnels", "off", "--evidence", &folder, "--audit", "on"];
    let daemon = plan(&wire, &words)?.start()?;
    daemon.process().wait_for_stderr("what it joined", |line| {
        line.contains("near0: joined the dispatcher of libxdp (id ").then_some(())
    })?;
    assert_eq!(hook(&daemon)?, json!({"mode": "native-dispatcher", "fallback": null, "attached": true}));
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(printed.contains("): native-dispatcher mode, up\n"), "{printed}");
    let lines = called(&wire)?;
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains(" checker ") && lines[1].contains(" xdpfilt_"), "{lines:?}");

    // The first is to port 623: checker tells of it, and the filter drops it.
    let through = Receiver::new(&wire.near, NEAR)?;
    let passed = Frame::between("203.0.113.2", "198.51.100.9").udp(40_000, 9).bytes();
    wire.sender()?.send_all([&restricted(), &passed])?;
    assert_eq!(through.next()?, passed);
    let told = wait_until("there are two alerts", || {
        let lines = daemon.process().stdout.lock().clone();
        let events = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let alerts: Vec<_> = events.filter(|event| event["event_type"] == "alert").collect();
        if alerts.len() == 2 { Ok(alerts) } else { Err(format!("{lines:?}")) }
    })?;
    for (alert, source) in told.iter().zip(["203.0.113.1", "203.0.113.2"]) {
        assert_eq!((&alert["src_ip"], &alert["in_iface"]), (&json!(source), &json!(NEAR)));
        assert_eq!(alert["checker"]["mode"], "native-dispatcher");
        assert!(alert["checker"]["evidence"].is_u64(), "{alert}");
    }
    assert_eq!(daemon.status()?["canary"]["state"], "found");
    assert_eq!(daemon.status()?["unhealthy"], json!([]));

    let number = number(&wire)?;
    let ended = daemon.stop()?.expect(0)?;
    let fact = format!("\"mode\":\"native-dispatcher\",\"program\":{number},\"tag\":\"");
    assert!(ended.stdout.contains(&fact), "{}", ended.stdout);
    assert!(ended.stderr.contains("seen 2, judged 2 (100.0 %): alerted 2\n"), "{}", ended.stderr);
    assert!(!is_called(&wire, "checker")?, "it is still there: {:?}", called(&wire)?);
    nothing_is_left()?;
    // The filter goes on.
    wire.sender()?.send_all([&restricted(), &ordinary()])?;
    assert_eq!(through.next()?, ordinary());
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, a dispatcher"]
fn the_filter_leaves_first_and_comes_back() -> Result<()> {
    let wire = Wire::new()?;
    let Some(filtered) = Filtered::load(&wire, "skb")? else { return Ok(()) };
    let daemon = plan(&wire, &[])?.start()?;
    assert_eq!(hook(&daemon)?["mode"], "generic-dispatcher");
    // Each time libxdp puts another dispatcher in the place of the one before.
    filtered.unload()?;
    assert_eq!(called(&wire)?.len(), 1);
    assert_eq!(hook(&daemon)?["attached"], true);
    wire.sender()?.send(&restricted(), 1)?;
    let alert = daemon.wait_for_events(1)?.remove(0);
    assert_eq!(alert["checker"]["mode"], "generic-dispatcher");
    wire.run("xdp-filter", &["load", "-m", "skb", NEAR])?;
    assert_eq!(called(&wire)?.len(), 2);
    assert_eq!(hook(&daemon)?["attached"], true);
    wire.sender()?.send(&restricted(), 2)?;
    daemon.wait_until_seen(3)?;
    filtered.unload()?;
    // Under another name, too.
    wire.near.ip(&format!("link set {NEAR} down"))?;
    wire.near.ip(&format!("link set {NEAR} name other0 up"))?;
    wait_until("it has heard of the name", || match daemon.status() {
        Ok(status) if status["interfaces"][0]["name"] == "other0" => Ok(()),
        found => Err(format!("{found:?}")),
    })?;
    assert_eq!(daemon.call("detach", &["-i", "other0"])?.expect(0)?.stdout, "detached from other0\n");
    let (ended, _folder) = daemon.wait()?;
    let ended = ended.expect(0)?;
    assert!(!ended.stdout.contains("hook_lost"), "{}", ended.stdout);
    assert_eq!(wire.xdp_program("other0")?, None, "the dispatcher goes with the last one");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, a dispatcher"]
fn a_daemon_that_is_killed_leaves_no_program_behind() -> Result<()> {
    let wire = Wire::new()?;
    let Some(_filtered) = Filtered::load(&wire, "native")? else { return Ok(()) };
    let daemon = plan(&wire, &[])?.start()?;
    let own = number(&wire)?;
    daemon.process().signal(Signal::SIGKILL)?;
    wait_until_gone(&wire)?;
    drop(daemon);

    // If who takes it out is killed as well, the next daemon does it.
    let daemon = plan(&wire, &[])?.start()?;
    let first = number(&wire)?;
    assert_ne!(first, own);
    kill(guard_of(&first)?, Signal::SIGKILL)?;
    daemon.process().signal(Signal::SIGKILL)?;
    drop(daemon);
    assert_eq!(number(&wire)?, first, "there is nobody to take it out");
    let daemon = plan(&wire, &[])?.start()?;
    let sentence = format!("near0: a program (id {first}) of a daemon that was killed is taken out");
    assert!(daemon.process().stderr.text().contains(&sentence), "{}", daemon.process().stderr.text());
    assert_eq!(called(&wire)?.len(), 2);
    daemon.stop()?.expect(0)?;
    assert!(!is_called(&wire, "checker")?);
    Ok(())
}

/// The shell that waits to take this program out.
fn guard_of(program: &str) -> Result<Pid> {
    for process in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let words = fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
        if words.contains("xdp-loader") && words.ends_with(&format!("\0{program}\0")) {
            return Ok(Pid::from_raw(pid));
        }
    }
    anyhow::bail!("nobody waits to take out {program}")
}

#[test]
#[ignore = "needs root: namespaces, XDP, a dispatcher"]
fn who_takes_it_out_is_noticed() -> Result<()> {
    let wire = Wire::new()?;
    let Some(_filtered) = Filtered::load(&wire, "native")? else { return Ok(()) };
    let daemon = plan(&wire, &["--reattach"])?.start()?;
    wire.run("xdp-loader", &["unload", NEAR, "--id", &number(&wire)?])?;
    let text = || daemon.process().stdout.text();
    let told = |what: &str| if text().contains(what) { Ok(()) } else { Err(text()) };
    wait_until("it is noticed", || told("\"what\":\"hook_lost\""))?;
    assert!(text().contains("\"reason\":\"it was detached\""), "{}", text());
    if egress::has_tcx()? {
        // In the sandbox nothing can be loaded; what stands ready is for this place.
        wait_until("it looks behind the dispatcher", || told("\"what\":\"hook_restored\""))?;
        let hook = hook(&daemon)?;
        assert_eq!((&hook["mode"], &hook["attached"]), (&json!("tcx"), &json!(true)));
        wire.sender()?.send(&restricted(), 1)?;
        wait_until("there is an alert", || told("\"mode\":\"tcx\""))?;
    } else {
        wait_until("it is told", || told("\"what\":\"reattach_failed\""))?;
    }
    daemon.stop()?.expect(0)?;

    let daemon = plan(&wire, &["--reattach", "--sandbox", "off"])?.start()?;
    wire.run("xdp-loader", &["unload", NEAR, "--id", &number(&wire)?])?;
    wait_until("it has joined again", || {
        let text = daemon.process().stdout.text();
        if text.contains("\"what\":\"hook_restored\"") { Ok(()) } else { Err(text) }
    })?;
    assert_eq!(hook(&daemon)?["mode"], "native-dispatcher");
    assert_eq!(called(&wire)?.len(), 2);
    daemon.stop()?.expect(0)?;
    assert_eq!(called(&wire)?.len(), 1);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, a dispatcher"]
fn without_xdp_loader_the_dispatcher_is_another_program_like_any() -> Result<()> {
    let wire = Wire::new()?;
    let Some(_filtered) = Filtered::load(&wire, "native")? else { return Ok(()) };
    if Path::new("/usr/sbin/xdp-loader").exists() {
        // It is looked for there, whatever the environment says.
        return Ok(());
    }
    let plan = plan(&wire, &[])?.env("PATH", "/nowhere");
    let sentence = "it cannot be joined: xdp-loader is not installed: package xdp-tools has it";
    if egress::has_tcx()? {
        let daemon = plan.start()?;
        assert!(daemon.process().stderr.text().contains(sentence));
        assert_eq!(hook(&daemon)?["mode"], "tcx");
        daemon.stop()?.expect(0)?;
    } else {
        let ended = plan.refused()?.expect(2)?;
        assert!(ended.stderr.contains(sentence), "{}", ended.stderr);
    }
    assert_eq!(called(&wire)?.len(), 1);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, a dispatcher"]
fn a_list_that_drops_drops_in_a_dispatcher_and_two_daemons_are_both_called() -> Result<()> {
    let wire = Wire::new()?;
    let Some(_filtered) = Filtered::load(&wire, "native")? else { return Ok(()) };
    let first = plan(&wire, &[])?.start()?;
    let second = Plan::new(&wire.near)?.interface(NEAR);
    let list = second.lists().write("one.txt", ONE)?;
    let config = second.lists().write(
        "checker.toml",
        &format!("[[list]]\nlabel = \"TWO\"\npath = {:?}\naction = \"drop\"\n", list.display().to_string()),
    )?;
    let second = second.words(&["--config", config.to_str().context("a path")?]).start()?;
    assert_eq!(called(&wire)?.len(), 3);
    let through = Receiver::new(&wire.near, NEAR)?;
    wire.sender()?.send_all([&restricted(), &ordinary()])?;
    assert_eq!(second.wait_for_events(1)?[0]["alert"]["action"], "blocked");
    assert_eq!(through.next()?, ordinary());
    for daemon in [first, second] {
        assert_eq!(hook(&daemon)?["attached"], true);
        daemon.stop()?.expect(0)?;
    }
    assert_eq!(called(&wire)?.len(), 1);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, a dispatcher"]
fn pins_and_log_lines_are_not_for_a_dispatcher() -> Result<()> {
    let wire = Wire::new()?;
    let Some(_filtered) = Filtered::load(&wire, "native")? else { return Ok(()) };
    let pins = format!("/sys/fs/bpf/checker-test-dispatcher-{}", std::process::id());
    let plan_with_pins = plan(&wire, &[])?;
    let state = plan_with_pins.lists().folder().display().to_string();
    let ended = plan_with_pins.words(&[&format!("--pin={pins}"), "--state", &state]).refused()?.expect(2)?;
    let sentence = "--pin takes XDP for what near0 receives, and there it is called by a dispatcher";
    assert!(ended.stderr.contains(sentence), "{}", ended.stderr);
    assert!(!Path::new(&pins).exists(), "{pins} is left");
    assert_eq!(called(&wire)?.len(), 1, "and taken out again");
    let ended = plan(&wire, &["--kernel-log", "--mode", "native"])?.refused()?.expect(2)?;
    let sentence = "it cannot be joined: --kernel-log is for a program that libxdp cannot load";
    assert!(ended.stderr.contains(sentence), "{}", ended.stderr);
    Ok(())
}
