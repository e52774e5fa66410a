//! `--direction egress` and `both`: what goes out is looked at before anything can come back.

use std::{
    net::{Ipv4Addr, UdpSocket},
    os::fd::{AsRawFd as _, OwnedFd},
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    bpftool::detach_link_of,
    daemon::Daemon,
    egress,
    frame::{DOT1Q, Frame},
    leftovers::Traces,
    plan::Plan,
    receive::Receiver,
    send::Sender,
    veth::{FAR, NEAR, Wire},
};
use nix::{
    errno::Errno,
    sys::{
        signal::Signal,
        socket::{AddressFamily, SockFlag, SockType, SockaddrIn, connect, socket},
    },
};
use serde_json::Value;

use crate::{ONE, ordinary, restricted};

fn watching(wire: &Wire, direction: &str) -> Result<Daemon> {
    Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(&["--direction", direction]).start()
}

/// A frame to a destination in [`ONE`].
fn to_restricted() -> Frame {
    Frame::between("198.51.100.9", "203.0.113.1").tcp(50_000, 443)
}

#[test]
#[ignore = "needs root: namespaces, TCX"]
fn what_goes_out_is_judged_by_its_destination_and_what_comes_in_is_not_looked_at() -> Result<()> {
    let (wire, mode) = (Wire::new()?, egress::mode()?);
    let daemon = watching(&wire, "egress")?;
    assert_eq!(wire.xdp_program(NEAR)?, None, "nothing is on what comes in");
    wire.sender()?.send(&restricted(), 3)?;
    let through = Receiver::new(&wire.far, FAR)?;
    let out = Sender::new(&wire.near, NEAR)?;
    let frames = [to_restricted().bytes(), restricted(), to_restricted().tag(DOT1Q, 100).bytes()];
    out.send_all(&frames)?;
    // The receiver's kernel keeps a tag beside the frame.
    for frame in [to_restricted().bytes(), restricted(), to_restricted().bytes()] {
        assert_eq!(through.next()?, frame, "it is passed on");
    }
    let events = daemon.wait_for_events(2)?;
    for event in &events {
        assert_eq!(event["in_iface"], NEAR);
        assert_eq!(event["dest_ip"], "203.0.113.1");
        assert_eq!(event["dest_port"], 443);
        assert_eq!(event["checker"]["direction"], "egress");
        assert_eq!(event["checker"]["side"], "dst");
        assert_eq!(event["checker"]["mode"], mode);
    }
    assert_eq!(events[1]["vlan"], serde_json::json!([100]));

    let interface = daemon.status()?["interfaces"][0].clone();
    assert_eq!(interface["ingress"], Value::Null);
    assert_eq!(interface["egress"]["mode"], mode);
    assert_eq!(interface["egress"]["attached"], true);
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(printed.contains(&format!("): egress in {mode} mode, up\n")), "{printed}");

    let ended = daemon.stop()?.expect(0)?;
    let account = "packets  seen 3, judged 3 (100.0 %): alerted 2, compliant 1\n";
    assert!(ended.stderr.contains(account), "{}", ended.stderr);
    let said = format!("near0: attached to its egress in {mode} mode\n");
    assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    assert!(wire.egress_programs(NEAR)?.is_empty(), "something is left");
    Ok(())
}

/// The question of a fleet: does it phone home? The answer must not wait for the other end's.
#[test]
#[ignore = "needs root: namespaces, TCX"]
fn the_first_packet_of_a_connection_alerts_before_any_answer() -> Result<()> {
    let wire = Wire::new()?;
    wire.near.ip(&format!("addr add 198.51.100.9/24 dev {NEAR}"))?;
    wire.near.ip(&format!("route add 203.0.113.0/24 dev {NEAR}"))?;
    let daemon = watching(&wire, "both")?;
    let stream = wire.near.enter(|| begin_connection(Ipv4Addr::new(203, 0, 113, 1), 443))??;
    let event = daemon.wait_for_events(1)?.remove(0);
    assert_eq!(event["src_ip"], "198.51.100.9");
    assert_eq!(event["dest_ip"], "203.0.113.1");
    assert_eq!(event["dest_port"], 443);
    assert_eq!(event["proto"], "TCP");
    assert_eq!(event["checker"]["direction"], "egress");
    assert_eq!(event["checker"]["prefix"], "203.0.113.0/24");
    assert_eq!(received(&wire)?, 0, "and no answer has come");
    drop(stream);
    Ok(())
}

/// A TCP connection whose first packet is on its way.
fn begin_connection(address: Ipv4Addr, port: u16) -> Result<OwnedFd> {
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let stream = socket(AddressFamily::Inet, SockType::Stream, flags, None)?;
    let [a, b, c, d] = address.octets();
    let begun = connect(stream.as_raw_fd(), &SockaddrIn::new(a, b, c, d, port));
    ensure!(begun == Err(Errno::EINPROGRESS), "{begun:?}");
    Ok(stream)
}

/// Packets that have come in at [`NEAR`].
fn received(wire: &Wire) -> Result<u64> {
    let shown: Value =
        serde_json::from_str(&wire.near.ip(&format!("-statistics -json link show dev {NEAR}"))?)?;
    shown[0]["stats64"]["rx"]["packets"].as_u64().context("no statistics")
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn both_directions_are_told_apart() -> Result<()> {
    let (wire, mode) = (Wire::new()?, egress::mode()?);
    let daemon = watching(&wire, "both")?;
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(printed.contains(&format!("): native mode, egress in {mode} mode, up\n")), "{printed}");

    wire.sender()?.send_all([&restricted(), &ordinary()])?;
    let first = daemon.wait_for_events(1)?.remove(0);
    Sender::new(&wire.near, NEAR)?.send_all([&to_restricted().bytes(), &restricted()])?;
    let second = daemon.wait_for_events(2)?.remove(1);
    let told = |event: &Value| ["direction", "side", "mode"].map(|name| event["checker"][name].clone());
    assert_eq!(told(&first), ["ingress", "src", "native"]);
    assert_eq!(told(&second), ["egress", "dst", mode]);

    daemon.wait_until_seen(4)?;
    let traces = Traces::of(wire.xdp_program(NEAR)?.context("nothing is attached")?)?;
    let ended = daemon.stop()?.expect(0)?;
    let account = "packets  seen 4, judged 4 (100.0 %): alerted 2, compliant 2\n";
    assert!(ended.stderr.contains(account), "{}", ended.stderr);
    traces.wait_until_gone()?;
    assert_eq!(wire.xdp_program(NEAR)?, None);
    assert!(wire.egress_programs(NEAR)?.is_empty(), "something is left");
    assert!(!wire.near.tc(&format!("qdisc show dev {NEAR}"))?.contains("clsact"), "a qdisc is left");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, TCX"]
fn what_goes_out_to_a_list_that_drops_does_not_leave() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).words(&["--direction", "egress"]);
    plan.lists().write("bad.txt", "203.0.113.0/24\n")?;
    let config = "[[list]]\nlabel = \"BAD\"\npath = \"bad.txt\"\naction = \"drop\"\n";
    let config = plan.lists().write("checker.toml", config)?.to_string_lossy().into_owned();
    let daemon = plan.words(&["--config", &config]).start()?;
    wire.near.ip(&format!("addr add 198.51.100.9/24 dev {NEAR}"))?;
    wire.near.ip(&format!("route add default dev {NEAR}"))?;
    let through = Receiver::new(&wire.far, FAR)?;
    wire.near.enter(|| -> Result<()> {
        let socket = UdpSocket::bind(("198.51.100.9", 0))?;
        for destination in ["203.0.113.1", "192.0.2.1"] {
            socket.send_to(b"hello", (destination, 9))?;
        }
        Ok(())
    })??;
    let first = through.next()?;
    assert_eq!(first[30..34], [192, 0, 2, 1], "the other one did not come before it");
    assert_eq!(daemon.wait_for_events(1)?[0]["alert"]["action"], "blocked");
    daemon.stop()?.expect(0)?;
    Ok(())
}

/// `bpftool link detach`, by whom it may be.
#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn status_says_which_of_the_two_was_taken_off() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watching(&wire, "both")?;
    let attached = || -> Result<[bool; 2]> {
        let interface = daemon.status()?["interfaces"][0].clone();
        let hook = |name: &str| interface[name]["attached"].as_bool().context("no such hook");
        Ok([hook("ingress")?, hook("egress")?])
    };
    assert_eq!(attached()?, [true, true]);

    wire.take_off_egress(NEAR)?;
    assert_eq!(attached()?, [true, false]);
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    let said = format!(
        "): native mode, egress in {} mode, NOT ATTACHED: checker's program is not on it any more, up\n",
        egress::mode()?
    );
    assert!(printed.contains(&said), "{printed}");

    detach_link_of(wire.xdp_program(NEAR)?.context("nothing is attached")?)?;
    assert_eq!(attached()?, [false, false]);
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn an_interface_that_gets_another_name_is_still_watched() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watching(&wire, "both")?;
    for step in ["down", "name other0"] {
        wire.near.ip(&format!("link set {NEAR} {step}"))?;
    }
    let interface = daemon.status()?["interfaces"][0].clone();
    assert_eq!(interface["ingress"]["attached"], true);
    assert_eq!(interface["egress"]["attached"], true);
    assert_eq!(interface["up"], false);
    daemon.stop()?.expect(0)?;
    assert_eq!(wire.xdp_program("other0")?, None);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn a_killed_daemon_leaves_neither_of_the_two_where_links_hold_them() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watching(&wire, "both")?;
    let traces = Traces::of(wire.xdp_program(NEAR)?.context("nothing is attached")?)?;
    daemon.process().signal(Signal::SIGKILL)?;
    let (ended, _folder) = daemon.wait()?;
    assert_eq!(ended.signal(), Some(libc::SIGKILL));
    if egress::has_tcx()? {
        traces.wait_until_gone()?;
        assert!(wire.egress_programs(NEAR)?.is_empty(), "something is left");
    } else {
        // Nobody holds a filter, so it goes on; docs/operating.md tells how to take it away.
        assert_eq!(wire.egress_programs(NEAR)?.len(), 1);
        wire.take_off_egress(NEAR)?;
        traces.wait_until_gone()?;
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn detach_takes_off_both() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = watching(&wire, "both")?;
    assert_eq!(daemon.call("detach", &["-i", NEAR])?.expect(0)?.stdout, "detached from near0\n");
    assert_eq!(wire.xdp_program(NEAR)?, None);
    assert!(wire.egress_programs(NEAR)?.is_empty(), "something is left");
    let (ended, _folder) = daemon.wait()?;
    ended.expect(0)?;
    Ok(())
}

/// The second interface has a program of somebody else's: nothing stays on the first.
#[test]
#[ignore = "needs root: namespaces, XDP, TCX"]
fn of_two_interfaces_both_are_watched_or_none() -> Result<()> {
    let wire = Wire::new()?;
    wire.add_pair("near1", "far1")?;
    let other = Plan::new(&wire.near)?.interface("near1").list("ONE", ONE)?.start()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).interface("near1").list("ONE", ONE)?;
    let ended = plan.words(&["--direction", "both", "--mode", "native"]).refused()?.expect(2)?;
    assert!(ended.stderr.contains("near1 already runs the XDP program"), "{}", ended.stderr);
    assert_eq!(wire.xdp_program(NEAR)?, None);
    assert!(wire.egress_programs(NEAR)?.is_empty(), "something is left");
    assert!(wire.egress_programs("near1")?.is_empty(), "something is left");
    other.stop()?.expect(0)?;
    Ok(())
}
