//! Fifty million restricted packets, a reader that is too slow and a disk that is full: the account closes to the packet.

use std::{
    io::{self, BufRead as _, BufReader, PipeReader},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, ensure};
use harness::{
    daemon::Daemon,
    frame::Frame,
    plan::Plan,
    runner::Runner,
    tmpfs::Tmpfs,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{ONE, run_flows};

/// Restricted packets in all.
const PACKETS: u64 = 50_000_000;

/// Sources, each with a flow of its own, that send nearly all of them.
const SOURCES: u32 = 2_500;

/// Flows of one packet each beside them: more than table and ring hold.
const SINGLES: u32 = 150_000;

/// What the slow reader reads in a tenth of a second.
const LINES: usize = 40;

/// What the stream said.
#[derive(Debug, Default)]
struct Told {
    alerts: u64,
    packets: u64,
    lost: u64,
}

/// Invariant 3, at length.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn fifty_million_packets_are_accounted_for() -> Result<()> {
    let wire = Wire::new()?;
    let disk = Tmpfs::new(1024)?;
    let log = disk.path("eve.json");
    let (reader, writer) = io::pipe()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.stdout(writer);
    let daemon = plan.words(&["--log", log.to_str().context("a path in UTF-8")?]).start()?;
    // A client that never reads what it asked for.
    let stuck = daemon.client("tail", &[]).start()?;
    stuck.signal(Signal::SIGSTOP)?;
    let hurry = AtomicBool::new(false);
    let (told, total, sink) = thread::scope(|scope| -> Result<_> {
        let told = scope.spawn(|| read(reader, &hurry));
        let flooded = flood(&wire, &daemon);
        hurry.store(true, Relaxed);
        flooded?;
        let (total, sink) = settled(&daemon)?;
        stuck.signal(Signal::SIGCONT)?;
        let ended = daemon.stop()?.expect(0)?;
        ensure!(ended.stderr.contains(&format!("account  matched {PACKETS} = ")), "{}", ended.stderr);
        let told = told.join().map_err(|_| anyhow!("the reader failed"))??;
        Ok((told, total, sink))
    })?;

    let number = |value: &Value| value.as_u64().with_context(|| format!("no number: {total}"));
    let lost = &total["lost"];
    let causes = ["ring_full", "reader_too_slow", "flow_evicted", "sink_failed"];
    let causes = causes.into_iter().map(|cause| number(&lost[cause])).sum::<Result<u64>>()?;
    let (emitted, aggregated) = (number(&total["emitted"])?, number(&total["aggregated"])?);
    assert_eq!(emitted + aggregated + causes, PACKETS, "{total}");
    assert!(number(&lost["flow_evicted"])? > 0, "the table was too small: {total}");
    assert!(number(&lost["reader_too_slow"])? > 0, "the reader was too slow: {total}");
    // What the account says is what its reader saw.
    assert_eq!((told.alerts, told.packets, told.lost), (emitted, emitted + aggregated, causes), "{total}");
    // The full disk has an account of its own, and held up nobody.
    let part = |value: &Value| value.as_u64().with_context(|| format!("no number: {sink}"));
    let (failed, slow) = (part(&sink["lost"]["failed"])?, part(&sink["lost"]["too_slow"])?);
    assert!(failed > 0, "the disk was full: {sink}");
    assert_eq!(
        part(&sink["given"])?,
        part(&sink["written"])? + part(&sink["aggregated"])? + failed + slow,
        "{sink}"
    );
    Ok(())
}

/// Flows of one packet, then many sources in turns.
fn flood(wire: &Wire, daemon: &Daemon) -> Result<()> {
    const TURNS: u32 = 10;
    let runner = Runner::of(wire.xdp_program(NEAR)?.context("not attached")?)?;
    let source = |number: u32| match number % 2 {
        0 => ("2001:db8::", format!("2001:db8:{number:x}::1")),
        _ => ("198.51.100.9", format!("203.0.113.{}", number / 2 % 256)),
    };
    let frame = |number: u32| {
        let (destination, source) = source(number);
        let port = 1000 + (number / 512) as u16;
        Frame::between(&source, destination).udp(40_000, port).bytes()
    };
    let frames: Vec<_> = (0..SOURCES).map(frame).collect();
    // Nobody sweeps meanwhile, however fast this machine is.
    daemon.process().signal(Signal::SIGSTOP)?;
    run_flows(wire, 0..SINGLES)?;
    daemon.process().signal(Signal::SIGCONT)?;
    let mut sent = u64::from(SINGLES);
    let each = ((PACKETS - u64::from(SINGLES)) / u64::from(TURNS * SOURCES)) as u32;
    for _ in 0..TURNS {
        for frame in &frames {
            sent = run_counted(&runner, daemon, frame, each, sent)?;
        }
    }
    // What a signal cut short, and what the division left over.
    ensure!(sent <= PACKETS, "{sent} packets were sent");
    while sent < PACKETS {
        sent = run_counted(&runner, daemon, &frames[0], u32::try_from(PACKETS - sent)?, sent)?;
    }
    Ok(())
}

/// Runs a frame, and gives how many packets were sent with it. Where a signal came between, the counters of all packets
/// tell that, which are others than those of the account.
fn run_counted(runner: &Runner, daemon: &Daemon, frame: &[u8], times: u32, sent: u64) -> Result<u64> {
    if runner.run_on(frame, times)? {
        return Ok(sent + u64::from(times));
    }
    daemon.status()?["account"]["seen"].as_u64().context("no count of packets")
}

/// Reads too slowly, until it is to hurry; then to the end.
fn read(reader: PipeReader, hurry: &AtomicBool) -> Result<Told> {
    let mut told = Told::default();
    for (number, line) in BufReader::new(reader).lines().enumerate() {
        let event: Value = serde_json::from_str(&line?)?;
        match event["event_type"].as_str() {
            Some("alert") => {
                told.alerts += 1;
                told.packets += event["checker"]["count"].as_u64().context("no count")?;
            }
            Some("loss") => told.lost += event["loss"]["count"].as_u64().context("no count")?,
            // The other sink's fate.
            Some("integrity" | "stats") => {}
            _ => anyhow::bail!("an event of another kind: {event}"),
        }
        if number % LINES == 0 && !hurry.load(Relaxed) {
            thread::sleep(Duration::from_millis(100));
        }
    }
    Ok(told)
}

/// Waits until nothing is on its way any more; gives the account, and that of the full disk.
fn settled(daemon: &Daemon) -> Result<(Value, Value)> {
    wait_until("every packet is accounted for", || -> Result<_> {
        let account = daemon.status()?["account"].clone();
        let (total, log) = (&account["total"], &account["sinks"][1]);
        ensure!(total["matched"] == PACKETS && total["queued"] == 0, "the account is {total}");
        ensure!(log["queued"] == 0, "the log's account is {log}");
        Ok((total.clone(), log.clone()))
    })
}
