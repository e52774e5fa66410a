//! More than anything can take: the account still closes, and the stream itself says what is missing and where.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    plan::Plan,
    runner::Runner,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{ONE, restricted, run_flows};

/// Matching frames of one flow.
const FLOOD: u32 = 300_000;

/// Flows: several times what ring, table and queue hold together.
const FLOWS: u32 = 200_000;

/// Invariant 3: `matched = emitted + aggregated + suppressed + lost`, also when nearly everything is lost.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_flood_is_accounted_for_to_the_last_packet() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let path = plan.lists().write("alerts.json", "")?;
    let daemon = plan.stdout(File::create(&path)?).start()?;
    let runner = Runner::of(wire.xdp_program(NEAR)?.context("not attached")?)?;

    // Nobody reads ring and table while they overflow, however fast this machine is.
    daemon.process().signal(Signal::SIGSTOP)?;
    run_flows(&wire, 0..FLOWS)?;
    daemon.process().signal(Signal::SIGCONT)?;
    settled(&daemon, u64::from(FLOWS))?;
    // And somebody reads them meanwhile.
    run_flows(&wire, 0..FLOWS)?;
    runner.run(&restricted(), FLOOD)?;
    let matched = u64::from(2 * FLOWS + FLOOD);
    let total = settled(&daemon, matched)?;

    let number = |value: &Value| value.as_u64().context("no number");
    let lost = &total["lost"];
    let evicted = number(&lost["flow_evicted"])?;
    assert!(evicted > 0, "the table held {FLOWS} flows: {total}");
    let lost = evicted + number(&lost["ring_full"])? + number(&lost["reader_too_slow"])?;
    let (emitted, aggregated) = (number(&total["emitted"])?, number(&total["aggregated"])?);
    assert_eq!(matched, emitted + aggregated + lost, "{total}");
    // Its flow gives way to others now and then, and begins anew.
    assert!(aggregated >= u64::from(FLOOD) * 9 / 10, "{total}");

    daemon.process().signal(Signal::SIGINT)?;
    let (ended, _folder) = daemon.wait()?;
    let ended = ended.expect(0)?;
    let (alerts, packets, told) = read(&path)?;
    assert_eq!(alerts, emitted, "what is counted as emitted is there to read");
    assert_eq!(packets, emitted + aggregated, "and the alerts tell of so many packets");
    assert_eq!(told, lost, "and the stream tells of the rest");
    let account =
        format!("account  matched {matched} = emitted {emitted} + aggregated {aggregated} + lost {lost} ");
    assert!(ended.stderr.contains(&account), "not {account:?} but {}", ended.stderr);
    Ok(())
}

/// The same over a real wire: nothing is dropped on the way, so every frame is seen and accounted for.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_flood_of_frames_is_seen_to_the_last_one() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.stdout(File::options().write(true).open("/dev/null")?).start()?;
    wire.sender()?.send(&restricted(), FLOOD.into())?;
    daemon.wait_until_seen(FLOOD.into())?;
    settled(&daemon, FLOOD.into())?;
    let ended = daemon.stop()?.expect(0)?;
    let packets = format!("packets  seen {FLOOD}, judged {FLOOD} (100.0 %): alerted {FLOOD}\n");
    assert!(ended.stderr.contains(&packets), "{}", ended.stderr);
    Ok(())
}

/// Waits until nothing is on its way any more; gives the account.
fn settled(daemon: &Daemon, matched: u64) -> Result<Value> {
    wait_until("every packet is accounted for", || -> Result<Value> {
        let total = daemon.status()?["account"]["total"].clone();
        ensure!(total["matched"] == matched && total["queued"] == 0, "the account is {total}");
        Ok(total)
    })
}

/// Alerts in the stream, the packets that they tell of, and how many it says are missing.
fn read(path: &std::path::Path) -> Result<(u64, u64, u64)> {
    let (mut alerts, mut packets, mut told) = (0, 0, 0);
    for line in BufReader::new(File::open(path)?).lines() {
        let event: Value = serde_json::from_str(&line?)?;
        match event["event_type"].as_str() {
            Some("alert") => {
                alerts += 1;
                packets += event["checker"]["count"].as_u64().context("no count")?;
            }
            Some("loss") => told += event["loss"]["count"].as_u64().context("no count")?,
            Some("stats") => {}
            _ => anyhow::bail!("an event of another kind: {event}"),
        }
    }
    Ok((alerts, packets, told))
}
