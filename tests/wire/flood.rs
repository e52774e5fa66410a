//! More than anything can take: the account still closes, and the stream itself says what is missing and where.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    plan::Plan,
    prog_run::Runner,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{ONE, restricted};

/// Matching frames: several times what ring, queue and backlog hold together.
const FLOOD: u32 = 300_000;

/// Invariant 3: `matched = emitted + lost`, also when nearly everything is lost.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_flood_is_accounted_for_to_the_last_packet() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let path = plan.lists().write("alerts.json", "")?;
    let daemon = plan.stdout(File::create(&path)?).start()?;
    let runner = Runner::of(wire.xdp_program(NEAR)?.context("not attached")?)?;

    // Nobody reads the ring while it overflows, however fast this machine is.
    daemon.process().signal(Signal::SIGSTOP)?;
    runner.run(&restricted(), FLOOD)?;
    daemon.process().signal(Signal::SIGCONT)?;
    settled(&daemon, u64::from(FLOOD))?;
    // And somebody reads it meanwhile.
    runner.run(&restricted(), FLOOD)?;
    settled(&daemon, 2 * u64::from(FLOOD))?;
    // Losses are told with the next event.
    wire.sender()?.send(&restricted(), 1)?;
    let matched = 2 * u64::from(FLOOD) + 1;
    let total = settled(&daemon, matched)?;

    let number = |value: &Value| value.as_u64().context("no number");
    let lost = &total["lost"];
    let (ring, slow) = (number(&lost["ring_full"])?, number(&lost["reader_too_slow"])?);
    let emitted = number(&total["emitted"])?;
    assert_eq!(matched, emitted + ring + slow + number(&lost["sink_failed"])?);
    assert!(ring > 0, "the ring held {FLOOD} records: {total}");

    let (alerts, told) = read(&path)?;
    assert_eq!(alerts, emitted, "what is counted as emitted is there to read");
    assert_eq!(told, ring + slow, "and the stream tells of the rest");
    let ended = daemon.stop()?.expect(0)?;
    let account = format!("account  matched {matched} = emitted {emitted} + lost {} ", ring + slow);
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

/// Alerts in the stream, and how many it says are missing.
fn read(path: &std::path::Path) -> Result<(u64, u64)> {
    let (mut alerts, mut told) = (0, 0);
    for line in BufReader::new(File::open(path)?).lines() {
        let event: Value = serde_json::from_str(&line?)?;
        match event["event_type"].as_str() {
            Some("alert") => alerts += 1,
            Some("loss") => told += event["loss"]["count"].as_u64().context("no count")?,
            _ => anyhow::bail!("an event of another kind: {event}"),
        }
    }
    Ok((alerts, told))
}
