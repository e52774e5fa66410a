//! Flows: told of at once, then counted; what is held back or forgotten is in the account.

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    frame::Frame,
    plan::Plan,
    runner::Runner,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use serde_json::Value;

use crate::{ONE, restricted, run_flows, watched};

/// A daemon with [`ONE`] and more arguments.
fn with(words: &[&str]) -> Result<(Wire, Daemon)> {
    let wire = Wire::new()?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(words).start()?;
    Ok((wire, daemon))
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_flow_is_told_of_at_once_and_again_while_it_goes_on() -> Result<()> {
    let (wire, daemon) = with(&["--every", "100ms"])?;
    let tcp = |flags| Frame::between("203.0.113.1", "198.51.100.9").tcp(50_000, 443).flags(flags).bytes();
    wire.sender()?.send(&tcp(0x02), 1)?;
    let first = daemon.wait_for_events(1)?.remove(0);
    assert_eq!(first["checker"]["count"], 1);
    assert_eq!(first["tcp"]["tcp_flags"], "02");

    wire.sender()?.send(&tcp(0x18), 999)?;
    let mut told = 1;
    let mut number = 1;
    while told < 1000 {
        number += 1;
        let event = daemon.wait_for_events(number)?.remove(number - 1);
        for name in ["src_ip", "dest_port", "flow_id", "ether"] {
            assert_eq!(event[name], first[name], "{event}");
        }
        assert_eq!(event["checker"]["first_seen"], first["checker"]["first_seen"]);
        assert_eq!(event["checker"]["last_seen"], event["timestamp"]);
        assert_eq!(event["tcp"]["tcp_flags"], "1a", "of all packets so far");
        let count = event["checker"]["count"].as_u64().context("no count")?;
        assert_eq!(event["checker"]["bytes"], count * tcp(0).len() as u64);
        told += count;
    }
    assert_eq!(told, 1000);
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(ended.alerts()?.len(), number, "and nothing twice");
    let account = format!("matched 1000 = emitted {number} + aggregated {} + lost 0\n", 1000 - number);
    assert!(ended.stderr.contains(&account), "not {account:?} but {}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_flow_that_pauses_long_enough_is_a_new_one() -> Result<()> {
    let (wire, daemon) = with(&["--every", "50ms", "--flow-timeout", "200ms"])?;
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(1)?;
    wait_until("the flow has ended", || -> Result<()> {
        let flows = flows(&daemon)?;
        ensure!(flows.is_empty(), "it is there: {flows:?}");
        Ok(())
    })?;
    wire.sender()?.send(&restricted(), 1)?;
    let events = daemon.wait_for_events(2)?;
    assert_ne!(events[0]["flow_id"], events[1]["flow_id"]);
    assert_eq!(events[1]["checker"]["first_seen"], events[1]["timestamp"]);
    let ended = daemon.stop()?.expect(0)?;
    assert!(ended.stderr.contains("matched 2 = emitted 2 + lost 0\n"), "{}", ended.stderr);
    Ok(())
}

/// The alert names the list that raised it.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn another_generation_is_told_of_at_once() -> Result<()> {
    let (wire, daemon) = with(&["--every", "1h"])?;
    wire.sender()?.send(&restricted(), 5)?;
    daemon.wait_for_events(1)?;
    daemon.call("reload", &[])?.expect(0)?;
    wire.sender()?.send(&restricted(), 5)?;
    let events = daemon.wait_for_events(2)?;
    assert_eq!(events[0]["checker"]["generation"], 1);
    assert_eq!(events[1]["checker"]["generation"], 2);
    // What is left is told at the end.
    let ended = daemon.stop()?.expect(0)?;
    assert!(ended.stderr.contains("matched 10 = emitted 4 + aggregated 6 + lost 0\n"), "{}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn what_a_small_table_forgets_is_in_the_account() -> Result<()> {
    let (wire, daemon) = with(&["--flows", "256", "--every", "1h"])?;
    run_flows(&wire, 0..1_000)?;
    run_flows(&wire, 0..1_000)?;
    daemon.wait_until_seen(2_000)?;
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(sum(&ended.stderr)?, 2_000);
    // Each flow gave way before its second packet, so each packet was a first one, which is told of at once.
    let account = "account  matched 2000 = emitted 2000 + lost 0\n";
    assert!(ended.stderr.contains(account), "{}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn flows_that_gave_way_with_packets_untold_are_told_of_as_lost() -> Result<()> {
    let (wire, daemon) = with(&["--flows", "256", "--every", "1h"])?;
    let runner = Runner::of(wire.xdp_program(NEAR)?.context("not attached")?)?;
    for port in 1..=1_000 {
        runner.run(&Frame::between("203.0.113.1", "198.51.100.9").udp(40_000, port).bytes(), 10)?;
    }
    daemon.wait_until_seen(10_000)?;
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(sum(&ended.stderr)?, 10_000, "{}", ended.stderr);
    let packets: u64 = ended.alerts()?.iter().filter_map(|event| event["checker"]["count"].as_u64()).sum();
    let events = ended.stdout.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>()?;
    let losses: Vec<_> = events.iter().filter(|event| event["event_type"] == "loss").collect();
    assert_eq!(losses.len(), 1, "one record, not one a packet: {losses:?}");
    let lost = 10_000 - packets;
    // Of each that gave way, all but the first.
    assert!(lost >= 9 * (1_000 - 256), "{lost}");
    let expected = serde_json::json!({"place": "flow_evicted", "label": "ONE", "count": lost});
    assert_eq!(losses[0]["loss"], expected);
    let said = format!("(ring full 0, reader too slow 0, flow evicted {lost}, output failed 0)\n");
    assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn what_a_limit_holds_back_is_counted_and_told() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.list("TWO", "192.0.2.0/24\n")?;
    let daemon = plan.words(&["--limit", "10/s", "--every", "100ms"]).start()?;
    run_flows(&wire, 0..1_000)?;
    wire.sender()?.send(&Frame::between("192.0.2.1", "198.51.100.9").bytes(), 1)?;
    wait_until("all is accounted for", || -> Result<()> {
        let total = daemon.status()?["account"]["total"].clone();
        ensure!(total["matched"] == 1_001 && total["queued"] == 0, "the account is {total}");
        Ok(())
    })?;
    let labels = daemon.status()?["account"]["labels"].clone();
    assert_eq!(labels[1]["emitted"], 1, "each label has a limit of its own");
    let emitted = labels[0]["emitted"].as_u64().context("no number")?;
    let suppressed = labels[0]["suppressed"].as_u64().context("no number")?;
    assert!(emitted >= 10, "a burst: {labels}");
    assert_eq!(emitted + suppressed, 1_000, "{labels}");
    let ended = daemon.stop()?.expect(0)?;
    let sentence =
        format!("ONE (alert): matched 1000 = emitted {emitted} + suppressed {suppressed} + lost 0\n");
    assert!(ended.stderr.contains(&sentence), "{}", ended.stderr);
    let events = ended.stdout.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>()?;
    let told = events.iter().filter(|event| event["loss"]["place"] == "suppressed");
    let told = told.inspect(|event| assert_eq!(event["loss"]["label"], "ONE"));
    assert_eq!(told.filter_map(|event| event["loss"]["count"].as_u64()).sum::<u64>(), suppressed);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_flows_are_shown() -> Result<()> {
    let (wire, daemon) = watched()?;
    assert_eq!(daemon.call("flows", &[])?.expect(0)?.stdout.lines().count(), 1, "the heads alone");
    wire.sender()?.send(&restricted(), 3)?;
    wire.sender()?.send(&Frame::between("2001:db8::1", "3fff::9").tcp(50_000, 443).data(100).bytes(), 2)?;
    daemon.wait_until_seen(5)?;
    let shown = daemon.call("flows", &[])?.expect(0)?.stdout;
    let lines: Vec<Vec<_>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0][..5], ["packets", "bytes", "first", "last", "label"]);
    assert_eq!(lines[1][..2], ["3", "126"]);
    assert_eq!(
        lines[1][4..],
        ["ONE", "near0", "203.0.113.1:40000", "198.51.100.9:623", "UDP", "203.0.113.0/24"]
    );
    assert_eq!(lines[2][..2], ["2", "348"]);
    assert_eq!(lines.len(), 3);

    let first = daemon.call("flows", &["--sort", "bytes", "-n", "1"])?.expect(0)?.stdout;
    assert!(first.contains("[2001:db8::1]:50000") && first.lines().count() == 2, "{first}");
    let rows = flows(&daemon)?;
    assert_eq!(rows[0]["packets"], 3);
    assert_eq!(rows[0]["src_mac"], "02:00:5e:10:00:01");
    Ok(())
}

/// The flow table as JSON, most packets first.
fn flows(daemon: &Daemon) -> Result<Vec<Value>> {
    Ok(serde_json::from_str(&daemon.call("flows", &["--json"])?.expect(0)?.stdout)?)
}

/// What the parts of the total come to in an account that was printed.
fn sum(printed: &str) -> Result<u64> {
    let line = printed.lines().find(|line| line.starts_with("account  matched ")).context("no account")?;
    let (_, parts) = line.split_once(" = ").context("no sum")?;
    let parts = parts.split(" (").next().unwrap_or_default();
    parts.split(" + ").map(|part| Ok(part.rsplit(' ').next().context("no number")?.parse::<u64>()?)).sum()
}
