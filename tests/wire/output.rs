//! Standard output at its worst: closed, full, not read. Alerts that it does not take are counted, and the daemon goes
//! on; only when nobody can ever read it again it ends, and cleanly.

use std::{fs::File, io};

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    leftovers::Traces,
    plan::Plan,
    process::Process,
    veth::{NEAR, Wire},
    wait::wait_until,
};

use crate::{ONE, restricted, run_flows};

/// More than a pipe holds: 65536 bytes of alerts.
const MANY: u64 = 2_000;

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_closed_pipe_ends_it_cleanly() -> Result<()> {
    let (reader, writer) = io::pipe()?;
    let (wire, daemon) = writing_to(writer.into())?;
    let traces = Traces::of(wire.xdp_program(NEAR)?.context("not attached")?)?;
    drop(reader);
    wire.sender()?.send(&restricted(), 1)?;
    let socket = daemon.socket.clone();
    let (ended, _folder) = daemon.wait()?;
    let ended = ended.expect(0)?;
    assert!(ended.stderr.contains("INFO nobody reads the output any more\n"), "{}", ended.stderr);
    assert!(ended.stderr.contains("account  matched 1 = emitted 0 + lost 1 "), "{}", ended.stderr);
    assert!(!socket.exists());
    traces.wait_until_gone()
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_full_disk_is_counted_and_lived_with() -> Result<()> {
    let (wire, daemon) = writing_to(File::options().write(true).open("/dev/full")?.into())?;
    let reader = reader_of(&daemon)?;
    run_flows(&wire, 0..MANY as u32)?;
    wait_until("all alerts are accounted for", || -> Result<()> {
        let total = daemon.status()?["account"]["total"].clone();
        ensure!(total["matched"] == MANY && total["lost"]["sink_failed"] == MANY, "the account is {total}");
        Ok(())
    })?;
    daemon.process().wait_for_stderr("what is wrong", |line| {
        line.contains("WARN cannot write to standard output: No space left on device").then_some(())
    })?;
    reader.wait_for_count(usize::try_from(MANY)?).context("a reader of tail gets them all")?;
    let ended = daemon.stop()?.expect(0)?;
    let account = format!("account  matched {MANY} = emitted 0 + lost {MANY} ");
    assert!(ended.stderr.contains(&account), "{}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_pipe_that_nobody_reads_holds_up_nothing() -> Result<()> {
    let (unread, writer) = io::pipe()?;
    let (wire, daemon) = writing_to(writer.into())?;
    let reader = reader_of(&daemon)?;
    run_flows(&wire, 0..MANY as u32)?;
    reader.wait_for_count(usize::try_from(MANY)?).context("a reader of tail gets them all")?;
    let total = daemon.status()?["account"]["total"].clone();
    assert_eq!(total["matched"], MANY);
    assert_eq!(sum(&total), MANY, "{total}");
    assert!(total["queued"].as_u64() > Some(0), "{total}");

    let ended = daemon.stop()?.expect(0)?;
    assert!(ended.stderr.contains("WARN standard output takes nothing; gave up waiting"), "{}", ended.stderr);
    let account = ended.stderr.lines().find(|line| line.starts_with("account  ")).context("no account")?;
    assert!(account.starts_with(&format!("account  matched {MANY} = emitted ")), "{account}");
    assert!(!account.contains("queued"), "what was never written is lost: {account}");
    drop(unread);
    Ok(())
}

fn writing_to(stdout: std::process::Stdio) -> Result<(Wire, Daemon)> {
    let wire = Wire::new()?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.stdout(stdout).start()?;
    Ok((wire, daemon))
}

fn reader_of(daemon: &Daemon) -> Result<Process> {
    let reader = daemon.client("tail", &[]).start()?;
    wait_until("the reader reads", || -> Result<()> {
        ensure!(daemon.status()?["readers"] == 1, "it does not yet");
        Ok(())
    })?;
    Ok(reader)
}

fn sum(row: &serde_json::Value) -> u64 {
    let lost = ["ring_full", "reader_too_slow", "flow_evicted", "sink_failed"];
    let lost = lost.map(|cause| row["lost"][cause].as_u64());
    let others = ["emitted", "aggregated", "suppressed", "queued"].map(|name| row[name].as_u64());
    lost.into_iter().chain(others).flatten().sum()
}
