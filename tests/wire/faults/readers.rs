//! A thousand readers of the stream, half of which never read.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::UnixStream,
    thread,
};

use anyhow::{Context as _, Result, ensure};
use harness::{daemon::Daemon, wait::wait_until};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::{run_flows, watched};

const READERS: usize = 1_000;

/// More than fits into the socket of one that is stuck, and little enough for what the daemon keeps for everybody.
const EVENTS: usize = 1_000;

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_thousand_readers_of_which_half_are_stuck_hold_up_nobody() -> Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let (wire, daemon) = watched()?;
    let stuck = (0..READERS / 2).map(|_| reader(&daemon)).collect::<Result<Vec<_>>>()?;
    let reading = (0..READERS / 2).map(|_| reader(&daemon)).collect::<Result<Vec<_>>>()?;
    wait_for_readers(&daemon, READERS)?;
    thread::scope(|scope| -> Result<()> {
        let reading: Vec<_> = reading.into_iter().map(|stream| scope.spawn(|| all_of(stream))).collect();
        run_flows(&wire, 0..EVENTS as u32)?;
        daemon.wait_for_lines(EVENTS)?;
        // Whoever asks is answered meanwhile.
        let total = daemon.status()?["account"]["total"].clone();
        assert_eq!((&total["matched"], &total["emitted"]), (&EVENTS.into(), &EVENTS.into()), "{total}");
        for reader in reading {
            let numbers = reader.join().map_err(|_| anyhow::anyhow!("a reader died"))??;
            ensure!(numbers == (1..=EVENTS as u64).collect::<Vec<_>>(), "it read {} of them", numbers.len());
        }
        Ok(())
    })?;
    // What those lost that were stuck is their own loss alone.
    drop(stuck);
    wait_for_readers(&daemon, 0)?;
    let ended = daemon.stop()?.expect(0)?;
    let account = format!("account  matched {EVENTS} = emitted {EVENTS} + lost 0\n");
    assert!(ended.stderr.contains(&account), "{}", ended.stderr);
    Ok(())
}

fn reader(daemon: &Daemon) -> Result<UnixStream> {
    let mut stream = UnixStream::connect(&daemon.socket)?;
    stream.write_all(b"{\"command\":\"tail\",\"last\":0,\"follow\":true}\n")?;
    Ok(stream)
}

/// The numbers of the alerts that a reader gets.
fn all_of(stream: UnixStream) -> Result<Vec<u64>> {
    let mut lines = BufReader::new(stream).lines();
    let reply = lines.next().context("no reply")??;
    ensure!(reply.contains("\"reply\":\"tail\""), "{reply}");
    let number = |line: std::io::Result<String>| {
        let event: serde_json::Value = serde_json::from_str(&line?)?;
        event["checker"]["seq"].as_u64().with_context(|| format!("no alert: {event}"))
    };
    lines.take(EVENTS).map(number).collect()
}

fn wait_for_readers(daemon: &Daemon, count: usize) -> Result<()> {
    wait_until(&format!("the daemon has {count} readers"), || -> Result<()> {
        let readers = daemon.status()?["readers"].clone();
        ensure!(readers == count, "it has {readers}");
        Ok(())
    })
}
