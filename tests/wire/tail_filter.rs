//! `checker tail` for whoever wants less than everything, and its last words.

use std::io;

use anyhow::{Context as _, Result};
use harness::{
    daemon::{Daemon, events},
    frame::Frame,
    process::{Ended, Process},
    veth::Wire,
    wait::wait_until,
};
use nix::sys::signal::Signal;

use crate::watched;

/// A frame of a flow of its own: nothing is folded into another.
fn flow(host: u8, port: u16) -> Vec<u8> {
    Frame::between(&format!("203.0.113.{host}"), "198.51.100.9").udp(40_000, port).bytes()
}

/// A daemon that has told of ten alerts: hosts 1 to 5, each to port 623 and then to port 161.
fn told() -> Result<(Wire, Daemon)> {
    let (wire, daemon) = watched()?;
    for host in 1..=5 {
        wire.sender()?.send(&flow(host, 623), 1)?;
        wire.sender()?.send(&flow(host, 161), 1)?;
    }
    daemon.wait_for_lines(10)?;
    Ok((wire, daemon))
}

/// Host and port of each line.
fn flows(lines: &str) -> Result<Vec<(String, u64)>> {
    let all = events(&lines.lines().collect::<Vec<_>>())?;
    let flow = |event: &serde_json::Value| {
        let host = event["src_ip"].as_str().context("no source")?.replace("203.0.113.", "");
        Ok((host, event["dest_port"].as_u64().context("no port")?))
    };
    all.iter().map(flow).collect()
}

fn past(daemon: &Daemon, words: &[&str]) -> Result<Vec<(String, u64)>> {
    let words = [&["--no-follow"], words].concat();
    let ended = daemon.call("tail", &words)?.expect(0)?;
    assert_eq!(ended.stderr, "", "{words:?}");
    flows(&ended.stdout)
}

fn of(hosts: &[u8], port: u64) -> Vec<(String, u64)> {
    hosts.iter().map(|host| (host.to_string(), port)).collect()
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn past_events_are_the_last_ones_that_match() -> Result<()> {
    let (_wire, daemon) = told()?;
    assert_eq!(past(&daemon, &["-n", "2", "--filter", "port=623"])?, of(&[4, 5], 623));
    assert_eq!(
        past(&daemon, &["-n", "99", "--filter", "src in 203.0.113.0/30 and dport<200"])?,
        of(&[1, 2, 3], 161)
    );
    assert_eq!(past(&daemon, &["-n", "1", "--filter", "label=TWO"])?, []);
    assert_eq!(past(&daemon, &["--filter", "port=623"])?, [], "none is asked for");
    assert_eq!(past(&daemon, &["--since", "1h", "--filter", "src=203.0.113.2 and label~o*"])?.len(), 2);
    assert_eq!(past(&daemon, &["--since", "1h", "-n", "3"])?.len(), 3);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn since_a_moment_means_with_it() -> Result<()> {
    let (_wire, daemon) = told()?;
    let printed = daemon.wait_for_events(10)?;
    let moment = printed[6]["timestamp"].as_str().context("no timestamp")?;
    let hosts = past(&daemon, &["--since", moment])?;
    // Two alerts may be of the same microsecond, but not the last of one send and the first of the next.
    assert_eq!(hosts, flows(&daemon.wait_for_lines(10)?[6..].join("\n"))?);
    let ended = daemon.call("tail", &["--since", "2999-01-01"])?.expect(2)?;
    assert_eq!(ended.stderr, "checker: --since is in the future\n");
    Ok(())
}

/// The daemon keeps a thousand events, and whoever asks for more is told.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn since_longer_ago_than_the_daemon_remembers() -> Result<()> {
    let (wire, daemon) = watched()?;
    for host in 0..=255 {
        for port in 1..=4 {
            wire.sender()?.send(&flow(host, port), 1)?;
        }
    }
    daemon.wait_for_lines(1_024)?;
    let ended = daemon.call("tail", &["--since", "1h", "--no-follow", "--filter", "port=1"])?.expect(0)?;
    assert_eq!(ended.stdout.lines().count(), 250, "six of 256 are forgotten");
    assert!(ended.stderr.contains("24 before that are in its output alone"), "{}", ended.stderr);
    Ok(())
}

fn stopped(reader: Process, signal: Signal) -> Result<Ended> {
    reader.signal(signal)?;
    reader.wait()?.expect(0)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn live_events_are_filtered_and_the_summary_says_how_many() -> Result<()> {
    let (wire, daemon) = told()?;
    let reader = |words: &[&str]| daemon.client("tail", words).start();
    let interrupted = reader(&["--since", "1h", "--filter", "port=623 and not src=203.0.113.1"])?;
    let terminated = reader(&["-n", "1"])?;
    let silent = reader(&["-q", "-n", "1"])?;
    interrupted.wait_for_count(4)?;
    terminated.wait_for_count(1)?;
    silent.wait_for_count(1)?;
    wire.sender()?.send(&flow(6, 161), 1)?;
    wire.sender()?.send(&flow(6, 623), 1)?;
    interrupted.wait_for_count(5)?;
    terminated.wait_for_count(3)?;

    let ended = stopped(interrupted, Signal::SIGINT)?;
    assert_eq!(flows(&ended.stdout)?, of(&[2, 3, 4, 5, 6], 623));
    assert_eq!(
        ended.stderr,
        "5 events shown: alert 5; 5 packets\n  ONE: 5\n7 events filtered out\n0 events lost to this reader\n"
    );
    let ended = stopped(terminated, Signal::SIGTERM)?;
    assert_eq!(
        ended.stderr,
        "3 events shown: alert 3; 3 packets\n  ONE: 3\n0 events filtered out\n0 events lost to this reader\n"
    );
    assert_eq!(stopped(silent, Signal::SIGINT)?.stderr, "");
    Ok(())
}

/// `checker tail | less`, and less waits at the first page.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_reader_that_is_not_read_can_be_stopped() -> Result<()> {
    let (wire, daemon) = watched()?;
    let (_unread, pipe) = io::pipe()?;
    let reader = daemon.client("tail", &["-n", "0"]).stdout(pipe).start()?;
    wait_until("there is a reader", || match daemon.status()?["readers"].as_u64() {
        Some(1) => Ok(()),
        readers => anyhow::bail!("there are {readers:?}"),
    })?;
    // More than a pipe takes.
    for host in 0..=255 {
        wire.sender()?.send(&flow(host, 623), 1)?;
    }
    daemon.wait_for_lines(256)?;
    let ended = stopped(reader, Signal::SIGINT)?;
    assert!(ended.stderr.contains(" events shown"), "{}", ended.stderr);
    Ok(())
}

/// Nobody would notice before the next alert otherwise, which may be next year's.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_closed_pipe_ends_it_at_once() -> Result<()> {
    let (_wire, daemon) = watched()?;
    let (seen_enough, pipe) = io::pipe()?;
    let reader = daemon.client("tail", &[]).stdout(pipe).start()?;
    drop(seen_enough);
    assert_eq!(reader.wait()?.expect(0)?.stderr, "");
    Ok(())
}
