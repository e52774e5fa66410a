//! `--log`: rotation under traffic, a disk that fills, half a line from a crash. No alert is missing without being
//! counted, and none is torn.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    plan::Plan,
    tmpfs::Tmpfs,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{ONE, restricted, run_flows};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_log_that_is_rotated_has_every_alert_once() -> Result<()> {
    let folder = harness::lists::Lists::new()?;
    let log = folder.folder().join("eve.json");
    let (wire, daemon) = logging_to(&log, &[])?;
    let mut rotated = Vec::new();
    for number in 0..8 {
        run_flows(&wire, 300 * number..300 * (number + 1))?;
        // One that was only renamed is there again with the next alert.
        wait_until("there is a log", || if log.exists() { Ok(()) } else { Err("there is none") })?;
        let old = folder.folder().join(format!("eve.json.{number}"));
        match number % 4 {
            // As logrotate does with `create`: the new file is there before anything is written to it.
            0 => {
                fs::rename(&log, &old)?;
                File::options().create(true).append(true).open(&log)?;
            }
            1 => fs::rename(&log, &old)?,
            2 => {
                fs::rename(&log, &old)?;
                daemon.process().signal(Signal::SIGUSR1)?;
                wait_until("there is a new log without an alert", || {
                    if log.exists() { Ok(()) } else { Err("there is none") }
                })?;
            }
            _ => {
                daemon.process().signal(Signal::SIGUSR1)?;
                continue;
            }
        }
        rotated.push(old);
    }
    run_flows(&wire, 2400..2401)?;
    let sink = settled(&daemon, 2401)?;
    assert_eq!(
        (&sink["written"], &sink["lost"]["failed"], &sink["lost"]["too_slow"]),
        (&2401.into(), &0.into(), &0.into())
    );
    let ended = daemon.stop()?.expect(0)?;
    let line = format!("sink     log {}: given 2401 = written 2401 + aggregated 0 + lost 0\n", log.display());
    assert!(ended.stderr.contains(&line), "{}", ended.stderr);
    let mut seen = Vec::new();
    for path in rotated.iter().chain([&log]) {
        seen.extend(numbers(path)?);
    }
    assert_eq!(seen, (1..=2401).collect::<Vec<u64>>(), "in their order, none twice");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_disk_that_fills_costs_what_is_counted_and_no_more() -> Result<()> {
    let disk = Tmpfs::new(64)?;
    let (log, ballast) = (disk.path("eve.json"), disk.path("ballast"));
    fs::write(&ballast, vec![0; 16 << 10])?;
    let (wire, daemon) = logging_to(&log, &["--log-sync", "each"])?;
    run_flows(&wire, 0..200)?;
    let full = settled(&daemon, 200)?;
    let lost = full["lost"]["failed"].as_u64().context("no count")?;
    assert!(lost > 0 && full["failing"].as_str().is_some_and(|why| why.contains("No space left")), "{full}");
    // Standard output has them all, and is told what happened to the log.
    let events = daemon.wait_for_events(201)?;
    let told = events.iter().filter(|event| event["integrity"]["what"] == "sink_failed").count();
    assert_eq!((events.len(), told), (201, 1));

    fs::remove_file(&ballast)?;
    run_flows(&wire, 200..201)?;
    let sink = settled(&daemon, 201)?;
    assert_eq!((&sink["written"], &sink["lost"]["failed"]), (&(201 - lost).into(), &lost.into()), "{sink}");
    let told = || -> Result<()> {
        let events = daemon.wait_for_events(203)?;
        let told = &events.last().context("no event")?["integrity"];
        ensure!(told["what"] == "sink_recovered" && told["lost"] == lost, "{told}");
        Ok(())
    };
    told()?;
    daemon.stop()?.expect(0)?;

    let content = fs::read_to_string(&log)?;
    let (mut alerts, mut missing, mut torn) = (0, 0, 0);
    for line in content.lines() {
        match serde_json::from_str::<Value>(line) {
            Ok(event) if event["event_type"] == "alert" => alerts += 1,
            Ok(event) if event["event_type"] == "stats" => {}
            Ok(event) => missing += event["loss"]["count"].as_u64().context("neither alert nor loss")?,
            Err(_) => torn += 1,
        }
    }
    assert_eq!((alerts, missing), (201 - lost, lost), "the log itself tells what it lacks");
    assert!(torn <= 1, "{torn} torn lines");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn half_a_line_from_a_crash_is_ended_first() -> Result<()> {
    let folder = harness::lists::Lists::new()?;
    let log = folder.write("eve.json", "{\"whole\":1}\n{\"half\":")?;
    let (wire, daemon) = logging_to(&log, &["--log-sync", "none"])?;
    wire.sender()?.send(&restricted(), 1)?;
    settled(&daemon, 1)?;
    daemon.stop()?.expect(0)?;
    let content = fs::read_to_string(&log)?;
    let (before, after) = content.split_at("{\"whole\":1}\n{\"half\":".len());
    assert_eq!(before, "{\"whole\":1}\n{\"half\":");
    let first = after.strip_prefix('\n').and_then(|after| after.lines().next()).context("not ended")?;
    let alert: Value = serde_json::from_str(first)?;
    assert_eq!(alert["event_type"], "alert");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_log_that_cannot_be_is_refused_before_anything_is_attached() -> Result<()> {
    let wire = Wire::new()?;
    let plan =
        Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(&["--log", "/no/such/folder/x"]);
    let ended = plan.refused()?.expect(2)?;
    let reason = "checker: cannot open the log /no/such/folder/x: No such file or directory (os error 2)\n";
    assert!(ended.stderr.ends_with(reason), "{}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_new_log_is_for_its_owner_and_group() -> Result<()> {
    let folder = harness::lists::Lists::new()?;
    let log = folder.folder().join("eve.json");
    let (_wire, daemon) = logging_to(&log, &[])?;
    assert_eq!(fs::metadata(&log)?.permissions().mode() & 0o777 & !0o640, 0);
    daemon.stop()?.expect(0)?;
    Ok(())
}

fn logging_to(log: &Path, words: &[&str]) -> Result<(Wire, Daemon)> {
    let wire = Wire::new()?;
    let log = log.to_str().context("a path that is no text")?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--log", log]).words(words).start()?;
    Ok((wire, daemon))
}

/// Waits until so many packets are accounted for by the sink beside standard output; gives its row.
pub(crate) fn settled(daemon: &Daemon, packets: u64) -> Result<Value> {
    wait_until("every packet is accounted for", || -> Result<Value> {
        let account = daemon.status()?["account"].clone();
        let sink = &account["sinks"][1];
        ensure!(sink["given"] == packets && sink["queued"] == 0, "the sinks are {}", account["sinks"]);
        let sum: Option<u64> =
            [&sink["written"], &sink["aggregated"], &sink["lost"]["too_slow"], &sink["lost"]["failed"]]
                .into_iter()
                .map(Value::as_u64)
                .sum();
        ensure!(sum == Some(packets), "the sum does not close: {sink}");
        Ok(sink.clone())
    })
}

/// The number of each alert in a log, which tells the account at its end.
fn numbers(path: &Path) -> Result<Vec<u64>> {
    let content = fs::read_to_string(path).with_context(|| format!("no {}", path.display()))?;
    let number = |line: &str| -> Result<u64> {
        let event: Value = serde_json::from_str(line).with_context(|| format!("torn: {line}"))?;
        event["checker"]["seq"].as_u64().context("no number")
    };
    content.lines().filter(|line| !line.contains("\"event_type\":\"stats\"")).map(number).collect()
}
