//! Which machine an alert is about: out of the user's records, and out of what the network itself tells.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    frame::{DOT1Q, Frame},
    plan::Plan,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::ONE;

const GPU: [u8; 6] = [0x3c, 0xec, 0xef, 1, 2, 3];
const ROUTER: [u8; 6] = [0x02, 0, 0x5e, 0x10, 0, 0xfe];
const STRANGER: [u8; 6] = [0x02, 0, 0x5e, 0x10, 0, 0x66];

const ASSETS: &str = "MAC Address;Serial Number;Device;Location;IP;allowed_cc\r\n\
                      3C-EC-EF-01-02-03;S123;gpu-0142;DC 1;;SG\r\n;;app-7;;198.51.100.77;\r\n";

/// A daemon that has read [`ASSETS`]; `more` are further arguments.
fn knowing(wire: &Wire, label: &str, more: &[&str]) -> Result<Daemon> {
    let plan = Plan::new(&wire.near)?.interface(NEAR).list(label, ONE)?;
    let path = plan.lists().write("assets.csv", ASSETS)?;
    let plan = plan.words(&["--assets", path.to_str().context("a path of characters")?]).words(more);
    plan.start()
}

fn from(mac: [u8; 6], source: &str, destination: &str) -> Vec<u8> {
    Frame::between(source, destination).bytes_from(mac)
}

/// The machine of an event: name, MAC, where that was learned, severity.
fn machine(event: &Value) -> [Value; 4] {
    let Value::Object(details) = &event["checker"] else { panic!("no alert: {event}") };
    let name = event["checker"]["asset"]["name"].clone();
    [name, details["mac"].clone(), details["mac_source"].clone(), event["alert"]["severity"].clone()]
}

fn wait_for_learned(daemon: &Daemon, count: u64) -> Result<()> {
    wait_until(&format!("{count} addresses are learned"), || {
        let learned = daemon.status().map(|status| status["learned"].as_u64());
        if matches!(learned, Ok(Some(learned)) if learned == count) {
            Ok(())
        } else {
            Err(format!("{learned:?}"))
        }
    })
}

fn arp(mac: [u8; 6], address: [u8; 4]) -> Frame {
    let packet = [[0, 1, 8, 0, 6, 4, 0, 2].as_slice(), &mac, &address, &[0xff; 6], &[192, 0, 2, 1]].concat();
    Frame::other(0x0806, packet)
}

/// An advertisement of `target`.
fn neighbour(mac: [u8; 6], target: &str) -> Result<Vec<u8>> {
    let target = target.parse::<std::net::Ipv6Addr>()?.octets();
    let message = [[136, 0, 0, 0, 0x60, 0, 0, 0].as_slice(), &target, &[2, 1], &mac].concat();
    let mut frame = Frame::between("fe80::1", "fe80::2").protocol(58, message).bytes_from(mac);
    // Hop limit.
    frame[14 + 7] = 255;
    Ok(frame)
}

/// What a server acknowledges to `client`, through a relay.
fn dhcp(client: [u8; 6], address: [u8; 4]) -> Vec<u8> {
    let mut message = vec![2, 1, 6, 1, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0];
    message.extend([address, [0; 4], [192, 0, 2, 1]].concat());
    message.extend(client);
    message.resize(236, 0);
    message.extend([99, 130, 83, 99, 53, 1, 5, 255]);
    let udp = [67, 68, 8 + message.len() as u16, 0].map(u16::to_be_bytes).concat();
    Frame::between("192.0.2.1", "198.51.100.10").protocol(17, [udp, message].concat()).bytes_from(ROUTER)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_known_machine_is_named_and_graver_than_a_stranger() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = knowing(&wire, "ONE", &[])?;
    let frames = [
        from(GPU, "203.0.113.1", "198.51.100.9"),
        from(STRANGER, "203.0.113.2", "198.51.100.9"),
        from(ROUTER, "2001:db8::3eec:efff:fe01:203", "2001:470::1"),
        from(ROUTER, "203.0.113.1", "198.51.100.77"),
    ];
    wire.sender()?.send_all(&frames)?;
    let events = daemon.wait_for_events(4)?;
    let mac = "3c:ec:ef:01:02:03";
    assert_eq!(machine(&events[0]), [json!("gpu-0142"), json!(mac), json!("l2"), json!(1)]);
    let asset = json!({"name": "gpu-0142", "serial": "S123", "site": "DC 1", "allowed_cc": ["SG"]});
    assert_eq!(
        (&events[0]["checker"]["asset"], &events[0]["checker"]["vendor"]),
        (&asset, &json!("Supermicro"))
    );
    assert_eq!(machine(&events[1]), [json!(null), json!("02:00:5e:10:00:66"), json!("l2"), json!(2)]);
    assert_eq!(events[1]["checker"]["vendor"], Value::Null, "locally administered");
    assert_eq!(machine(&events[2]), [json!("gpu-0142"), json!(mac), json!("eui64"), json!(1)]);
    assert_eq!(machine(&events[3]), [json!("app-7"), json!(null), json!("inventory"), json!(1)]);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_network_tells_whose_an_address_is() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = knowing(&wire, "ONE", &[])?;
    let sender = wire.sender()?;
    let told = [
        arp(GPU, [198, 51, 100, 9]).tag(DOT1Q, 7).bytes_from(GPU),
        dhcp(GPU, [198, 51, 100, 10]),
        neighbour(GPU, "2001:470::9")?,
    ];
    sender.send_all(&told)?;
    wait_for_learned(&daemon, 3)?;
    let frames = [
        from(ROUTER, "203.0.113.1", "198.51.100.9"),
        from(ROUTER, "203.0.113.1", "198.51.100.10"),
        from(ROUTER, "2001:db8::1", "2001:470::9"),
    ];
    sender.send_all(&frames)?;
    for (event, source) in daemon.wait_for_events(3)?.iter().zip(["arp", "dhcp", "nd"]) {
        assert_eq!(machine(event), [json!("gpu-0142"), json!("3c:ec:ef:01:02:03"), json!(source), json!(1)]);
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_stranger_does_not_take_a_known_machines_address_in_silence() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = knowing(&wire, "ONE", &[])?;
    let sender = wire.sender()?;
    sender.send(&arp(GPU, [198, 51, 100, 9]).bytes_from(GPU), 1)?;
    wait_for_learned(&daemon, 1)?;
    sender.send(&arp(STRANGER, [198, 51, 100, 9]).bytes_from(STRANGER), 1)?;
    let expected = json!({
        "what": "binding_changed", "address": "198.51.100.9", "before": "3c:ec:ef:01:02:03",
        "claimed": "02:00:5e:10:00:66", "source": "arp", "stays": true, "untold": 0,
    });
    assert_eq!(daemon.wait_for_events(1)?[0]["integrity"], expected);
    sender.send(&from(ROUTER, "203.0.113.1", "198.51.100.9"), 1)?;
    assert_eq!(machine(&daemon.wait_for_events(2)?[1])[0], "gpu-0142");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_machine_that_may_be_there_is_told_all_the_same() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = knowing(&wire, "sg", &[])?;
    wire.sender()?
        .send_all(&[from(GPU, "203.0.113.1", "192.0.2.1"), from(STRANGER, "203.0.113.2", "192.0.2.1")])?;
    let events = daemon.wait_for_events(2)?;
    assert_eq!(events[0]["alert"]["severity"], 3);
    assert_eq!(events[0]["checker"]["severity_reason"], "SG is allowed for gpu-0142");
    assert_eq!(
        (&events[1]["alert"]["severity"], &events[1]["checker"]["severity_reason"]),
        (&json!(2), &Value::Null)
    );
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn without_learning_nothing_listens() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = knowing(&wire, "ONE", &["--learn", "off"])?;
    let sockets = || wire.near.enter(|| fs::read_to_string("/proc/thread-self/net/packet"));
    assert_eq!(sockets()??.lines().count(), 1, "the header and nothing else");
    let learning = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(&["--force"]);
    drop(daemon);
    let daemon = learning.start()?;
    wait_until("somebody listens", || -> Result<()> {
        let lines = sockets()??;
        ensure!(lines.lines().count() == 2, "{lines}");
        Ok(())
    })?;
    daemon.stop()?.expect(0)?;
    assert_eq!(sockets()??.lines().count(), 1, "nothing is left behind");
    Ok(())
}

const TWICE: &str = "mac,asset\n3c:ec:ef:01:02:03,a\n3cec.ef01.0203,b\nzz,c\n";

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn bad_records_are_refused_by_line_and_the_last_good_ones_stay() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = knowing(&wire, "ONE", &[])?;
    let path = daemon.lists.write("assets.csv", TWICE)?;
    let path = path.display();
    let why = format!(
        "{path}:4: \"zz\" is not a MAC address\n{path}:3: \"3c:ec:ef:01:02:03\" is of another machine in line 2 already\n\
         {path}: nothing was loaded"
    );
    assert_eq!(daemon.call("reload", &[])?.expect(2)?.stderr, format!("checker: {why}\n"));
    let told = &daemon.wait_for_events(1)?[0]["integrity"];
    assert_eq!((&told["what"], &told["reason"]), (&json!("assets_refused"), &json!(why)));
    let status = daemon.status()?;
    assert_eq!(status["generation"], 1, "the lists stay too");
    assert_eq!((&status["assets"]["machines"], &status["assets"]["last_refusal"]), (&json!(2), &json!(why)));
    let shown = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(shown.contains("assets.csv: 2 machines by 1 MAC and 1 IP addresses, written "), "{shown}");
    assert!(shown.contains("\n  a later version was refused: "), "{shown}");
    wire.sender()?.send(&from(GPU, "203.0.113.1", "192.0.2.1"), 1)?;
    assert_eq!(machine(&daemon.wait_for_events(2)?[1])[0], "gpu-0142");

    daemon.lists.write("assets.csv", "mac,asset\n3c:ec:ef:01:02:03,renamed\n")?;
    daemon.process().signal(Signal::SIGHUP)?;
    daemon
        .process()
        .wait_for_stderr("that it has them", |line| line.contains("assets: 1 machines").then_some(()))?;
    wire.sender()?.send(&from(GPU, "203.0.113.1", "192.0.2.1"), 1)?;
    assert_eq!(machine(&daemon.wait_for_events(3)?[2])[0], "renamed");
    assert_eq!(daemon.status()?["assets"]["last_refusal"], Value::Null);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_file_of_the_records_is_followed() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.watching_lists().interface(NEAR).list("ONE", ONE)?;
    plan.lists().write("assets.csv", ASSETS)?;
    let config = plan.lists().write("checker.toml", "assets = \"assets.csv\"\n")?;
    let daemon = plan.words(&["--config", config.to_str().context("a path of characters")?]).start()?;
    daemon.lists.write("assets.csv", TWICE)?;
    let told = &daemon.wait_for_events(1)?[0]["integrity"];
    assert_eq!(told["what"], "assets_refused");
    // Replaced by another file, as editors and rsync do.
    let other = daemon.lists.write("assets.new", "mac,asset\n3c:ec:ef:01:02:03,renamed\n")?;
    fs::rename(other, daemon.lists.folder().join("assets.csv"))?;
    daemon
        .process()
        .wait_for_stderr("that it has them", |line| line.contains("assets: 1 machines").then_some(()))?;
    wire.sender()?.send(&from(GPU, "203.0.113.1", "192.0.2.1"), 1)?;
    assert_eq!(machine(&daemon.wait_for_events(2)?[1])[0], "renamed");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_daemon_does_not_start_with_bad_records() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let path = plan.lists().write("assets.csv", "rack,unit\n1,2\n")?;
    let ended =
        plan.words(&["--assets", path.to_str().context("a path of characters")?]).refused()?.expect(2)?;
    let why = format!("{}:1: \"rack,unit\" has no column of MAC or IP addresses", path.display());
    assert!(ended.stderr.contains(&why), "{}", ended.stderr);
    Ok(())
}
