//! Readers of the alert stream: each gets everything, or is told what it did not get; none holds up another.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::UnixStream,
};

use anyhow::{Context as _, Result, ensure};
use harness::{daemon::Daemon, process::Process, wait::wait_until};
use serde_json::Value;

use crate::{restricted, run_flows, watched};

/// Frames that are more than a reader may lag behind: the daemon's backlog of 8192 events and what a socket holds.
const MANY: u64 = 30_000;

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn every_reader_gets_what_standard_output_gets() -> Result<()> {
    let (wire, daemon) = watched()?;
    let readers = [reader(&daemon, &[])?, reader(&daemon, &[])?];
    wait_for_readers(&daemon, 2)?;
    run_flows(&wire, 0..50)?;
    let printed = daemon.wait_for_lines(50)?;
    for reader in readers {
        assert_eq!(reader.wait_for_lines(50)?, printed);
    }
    Ok(())
}

/// On a quiet network there may be no event for weeks to find it out with.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_reader_that_leaves_is_missed_at_once() -> Result<()> {
    let (_wire, daemon) = watched()?;
    let reader = reader(&daemon, &[])?;
    wait_for_readers(&daemon, 1)?;
    drop(reader);
    wait_for_readers(&daemon, 0)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_reader_may_want_lines_for_people() -> Result<()> {
    let (wire, daemon) = watched()?;
    let reader = reader(&daemon, &["--output", "human"])?;
    wait_for_readers(&daemon, 1)?;
    wire.sender()?.send(&restricted(), 1)?;
    let line = reader.wait_for_lines(1)?.remove(0);
    assert!(
        line.contains(" near0  ALERT ONE          203.0.113.1:40000 > 198.51.100.9:623      UDP  "),
        "{line}"
    );
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn past_events_are_given_on_request() -> Result<()> {
    let (wire, daemon) = watched()?;
    run_flows(&wire, 0..1_100)?;
    let printed = daemon.wait_for_lines(1_100)?;
    for (wanted, given) in [("0", 0), ("3", 3), ("1000", 1_000), ("5000", 1_000)] {
        let ended = daemon.call("tail", &["-n", wanted, "--no-follow"])?.expect(0)?;
        let lines: Vec<_> = ended.stdout.lines().collect();
        assert_eq!(lines, printed[printed.len() - given..], "the last of them, oldest first");
    }
    let reader = reader(&daemon, &["-n", "2"])?;
    reader.wait_for_lines(2)?;
    wire.sender()?.send(&restricted(), 1)?;
    let all = daemon.wait_for_lines(1_101)?;
    assert_eq!(reader.wait_for_lines(3)?, all[1_098..], "past and present without a gap");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_reader_that_stops_reading_loses_only_its_own() -> Result<()> {
    let (wire, daemon) = watched()?;
    let mut stuck = UnixStream::connect(&daemon.socket)?;
    stuck.write_all(b"{\"command\":\"tail\",\"last\":0,\"follow\":true}\n")?;
    wait_for_readers(&daemon, 1)?;
    run_flows(&wire, 0..MANY as u32)?;
    daemon.wait_for_lines(usize::try_from(MANY)?)?;

    let last = daemon.call("tail", &["-n", "5", "--no-follow"])?.expect(0)?;
    assert_eq!(last.stdout.lines().count(), 5, "another reader is served meanwhile");
    let account = daemon.status()?["account"]["total"].clone();
    assert_eq!(account["matched"], MANY);
    assert_eq!(account["emitted"], MANY, "nothing is lost to standard output");

    // It reads again: what it finds and what it is told that it lost are all there was.
    let mut lines = BufReader::new(stuck).lines();
    let reply = lines.next().context("no reply")??;
    assert_eq!(reply, "{\"reply\":\"tail\",\"content\":{\"past\":0,\"forgotten\":0}}");
    let (mut alerts, mut lost, mut told) = (0, 0, 0);
    while alerts + lost < MANY {
        let line = lines.next().context("the stream ended")??;
        let event: Value = serde_json::from_str(&line)?;
        if event["event_type"] == "loss" {
            assert_eq!(event["loss"]["place"], "reader_too_slow");
            lost += event["loss"]["count"].as_u64().context("no count")?;
            told += 1;
        } else {
            alerts += 1;
            // The place of the loss: the alerts around it are the ones whose numbers it lies between.
            assert_eq!(event["checker"]["seq"], alerts + lost);
        }
    }
    assert_eq!(alerts + lost, MANY);
    assert!(told > 0, "{MANY} events fitted into the backlog");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_end_of_the_daemon_is_no_silence() -> Result<()> {
    let (wire, daemon) = watched()?;
    let reader = reader(&daemon, &[])?;
    wait_for_readers(&daemon, 1)?;
    run_flows(&wire, 0..3)?;
    reader.wait_for_lines(3)?;
    daemon.stop()?.expect(0)?;
    let ended = reader.wait()?.expect(2)?;
    assert_eq!(ended.stderr, "checker: the daemon has ended; this is not silence\n");
    assert_eq!(ended.alerts()?.len(), 3);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn whoever_has_seen_enough_may_close_the_pipe() -> Result<()> {
    let (wire, daemon) = watched()?;
    let (seen_enough, pipe) = std::io::pipe()?;
    let reader = daemon.client("tail", &[]).stdout(pipe).start()?;
    wait_for_readers(&daemon, 1)?;
    drop(seen_enough);
    wire.sender()?.send(&restricted(), 1)?;
    let ended = reader.wait()?.expect(0)?;
    assert_eq!(ended.stderr, "", "a broken pipe is success");
    Ok(())
}

fn reader(daemon: &Daemon, words: &[&str]) -> Result<Process> {
    daemon.client("tail", words).start()
}

/// Sent before, a frame may pass a reader by.
fn wait_for_readers(daemon: &Daemon, count: u64) -> Result<()> {
    wait_until(&format!("the daemon has {count} readers"), || -> Result<(), anyhow::Error> {
        let readers = daemon.status()?["readers"].clone();
        ensure!(readers == count, "it has {readers}");
        Ok(())
    })
}
