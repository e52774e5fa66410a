//! `checker doctor -i` on an interface: without and with programs on it, and with a daemon.

use std::{
    fs::{DirBuilder, File},
    os::unix::fs::DirBuilderExt as _,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result};
use harness::{
    bpftool::Pinned,
    checker::Call,
    egress,
    veth::{NEAR, Wire},
};
use serde_json::Value;

use crate::{
    pinned::{Lab, kill},
    watched,
};

/// What it says of [`NEAR`], by the name of the check; and its exit code.
fn examined(wire: &Wire, words: &[&str]) -> Result<(Option<i32>, Vec<Value>)> {
    let words = ["doctor", "--json", "-i", NEAR].iter().chain(words);
    let ended = Call::new(words).in_namespace(&wire.near).run()?;
    let told: Value = serde_json::from_str(&ended.stdout).with_context(|| ended.stderr.clone())?;
    let findings = told["findings"].as_array().context("no findings")?.clone();
    Ok((ended.code(), findings))
}

fn of<'a>(findings: &'a [Value], name: &str) -> Result<(&'a str, &'a str)> {
    let found =
        findings.iter().find(|finding| finding["name"] == name).with_context(|| format!("no {name}"))?;
    let text = |key: &str| found[key].as_str().unwrap_or_default();
    Ok((text("state"), text("said")))
}

#[test]
#[ignore = "needs root: namespaces"]
fn an_interface_that_is_well_and_then_is_not() -> Result<()> {
    let wire = Wire::new()?;
    let (_, findings) = examined(&wire, &[])?;
    assert_eq!(of(&findings, "link")?, ("ok", "up"));
    assert_eq!(of(&findings, "mtu")?, ("ok", "1500: a packet fits into one page"));
    assert_eq!(of(&findings, "xdp")?, ("ok", "no program is on it"));
    assert_eq!(of(&findings, "tc")?, ("ok", "no program is on it"));
    let driver = of(&findings, "driver")?;
    assert!(driver.0 == "ok" && driver.1.starts_with("veth: "), "{driver:?}");
    // A veth pair says that it takes tags off.
    assert_eq!(of(&findings, "rx-vlan")?.0, "warning");
    assert_eq!(of(&findings, "lro, gro-hw")?.0, "ok");

    wire.near.ip("link set near0 mtu 9000")?;
    wire.near.ip("link set near0 down")?;
    let (code, findings) = examined(&wire, &[])?;
    assert_eq!(of(&findings, "mtu")?.1, "9000: larger packets come in several buffers (xdp.frags)");
    assert_eq!(of(&findings, "link")?.0, "warning");
    assert_eq!(code, Some(1));
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_program_of_others_is_in_the_way_and_ones_own_is_not() -> Result<()> {
    let wire = Wire::new()?;
    let foreign = Pinned::load()?;
    foreign.attach(&wire.near, NEAR)?;
    let (code, findings) = examined(&wire, &[])?;
    let (state, said) = of(&findings, "xdp")?;
    let expected = if egress::has_tcx()? { (Some(1), "warning") } else { (Some(2), "prevents") };
    assert_eq!((code, state), expected);
    assert!(
        said.contains("another program is on it: checker (id") && said.contains("held by no process"),
        "{said}"
    );

    let (wire, daemon) = watched()?;
    let socket = daemon.socket.display().to_string();
    let (_, findings) = examined(&wire, &["--control", &socket])?;
    let (state, said) = of(&findings, "xdp")?;
    assert_eq!(state, "ok");
    assert!(said.contains(&format!("held by checker (pid {})", daemon.process().pid())), "{said}");
    assert!(of(&findings, "daemon")?.1.contains("is healthy"));
    assert!(of(&findings, "lists")?.1.starts_with("1, the oldest of "));
    Ok(())
}

/// What a killed daemon has left is no stranger's, and goes on with its lists.
#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn pins_that_a_killed_daemon_has_left_are_known() -> Result<()> {
    let lab = Lab::new()?;
    let (pins, state) = (lab.pins.display().to_string(), lab.state.folder().display().to_string());
    let socket = format!("{state}/checker.sock");
    let words = ["--pin", &pins, "--state", &state, "--control", &socket];
    let (_, findings) = examined(&lab.wire, &words)?;
    assert_eq!(of(&findings, "pins")?, ("ok", format!("nothing is pinned in {pins}").as_str()));
    assert!(of(&findings, "lists").is_err(), "nobody has lists");

    let daemon = lab.start(&[])?;
    let (_, findings) = examined(&lab.wire, &words)?;
    assert_eq!(of(&findings, "pins")?, ("ok", "near0: of the daemon that runs"));
    assert!(of(&findings, "xdp")?.1.contains("held by checker (pid"));
    let lists = kill(daemon)?;
    let (code, findings) = examined(&lab.wire, &words)?;
    assert_eq!(code, Some(1));
    let (state, said) = of(&findings, "pins")?;
    assert!(state == "warning" && said.starts_with("near0: the kernel goes on judging"), "{said}");
    let (state, said) = of(&findings, "xdp")?;
    assert!(state == "ok" && said.starts_with("checker's own, pinned: checker (id "), "{state}: {said}");
    assert!(of(&findings, "lists")?.1.starts_with("1, the oldest of "));
    let old = SystemTime::now() - Duration::from_secs(40 * 86_400);
    File::options().write(true).open(lists.folder().join("one.txt"))?.set_modified(old)?;
    let (_, findings) = examined(&lab.wire, &words)?;
    assert_eq!(of(&findings, "lists")?, ("warning", "old: ONE one.txt (40 days)"));
    let text = Call::new(["doctor", "-i", NEAR].iter().chain(&words)).in_namespace(&lab.wire.near).run()?;
    assert!(text.stdout.contains("remedy: checker run --pin -i IFACE goes on with it"), "{}", text.stdout);

    // Looking at it has changed nothing.
    assert_eq!(lab.detach_inside(&[])?.expect(0)?.stdout, "detached from near0\n");
    lab.is_clean()?;
    DirBuilder::new().recursive(true).mode(0o700).create(lab.pins.join("near0/abi_1"))?;
    let (code, findings) = examined(&lab.wire, &words)?;
    let (state, said) = of(&findings, "pins")?;
    assert!(code == Some(2) && state == "prevents" && said.ends_with("are of version 1"), "{said}");
    Ok(())
}
