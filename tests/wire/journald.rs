//! `--journald`, with a socket of the test in the journal's place.

use std::{fs, os::unix::net::UnixDatagram};

use anyhow::{Context as _, Result, ensure};
use harness::{
    lists::Lists,
    plan::Plan,
    veth::{NEAR, Wire},
    wait::{DEADLINE, wait_until},
};

use crate::{ONE, log::settled, restricted, run_flows};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn alerts_are_entries_with_fields_and_wait_for_a_journal_that_is_away() -> Result<()> {
    let folder = Lists::new()?;
    let path = folder.folder().join("journal");
    let journal = listen(&path)?;
    let wire = Wire::new()?;
    let word = format!("--journald={}", path.display());
    let daemon = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(&[&word]).start()?;
    wire.sender()?.send(&restricted(), 1)?;
    let entry = receive(&journal)?;
    for field in [
        "PRIORITY=4",
        "SYSLOG_IDENTIFIER=checker",
        "CHECKER_EVENT_TYPE=alert",
        "CHECKER_SRC_IP=203.0.113.1",
        "CHECKER_DEST_PORT=623",
        "CHECKER_LABEL=ONE",
        "CHECKER_PREFIX=203.0.113.0/24",
        "CHECKER_SEQ=1",
    ] {
        assert!(entry.lines().any(|line| line == field), "no {field} in {entry}");
    }
    let message = entry.lines().find(|line| line.starts_with("MESSAGE=")).context("no message")?;
    assert_eq!(
        message,
        "MESSAGE=ALERT 203.0.113.1:40000 > 198.51.100.9:623 UDP: 203.0.113.1 lies in 203.0.113.0/24 (ONE)"
    );
    assert!(entry.lines().any(|line| line.starts_with("MESSAGE_ID=") && line.len() == 11 + 32), "{entry}");

    drop(journal);
    fs::remove_file(&path)?;
    run_flows(&wire, 0..5)?;
    daemon.wait_for_events(7).context("standard output goes on, and tells that the journal does not")?;
    let journal = listen(&path)?;
    for number in 2..7 {
        let entry = receive(&journal)?;
        assert!(entry.contains(&format!("\nCHECKER_SEQ={number}\n")), "not {number}: {entry}");
    }
    let sink = settled(&daemon, 6)?;
    assert_eq!(sink["written"], 6);
    wait_until("it is said to work again", || -> Result<()> {
        let failing = daemon.status()?["account"]["sinks"][1]["failing"].clone();
        ensure!(failing.is_null(), "it is {failing}");
        Ok(())
    })?;
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(
        ended.stderr.matches("WARN cannot write to journald").count(),
        1,
        "said once: {}",
        ended.stderr
    );
    Ok(())
}

fn listen(path: &std::path::Path) -> Result<UnixDatagram> {
    let socket = UnixDatagram::bind(path)?;
    socket.set_read_timeout(Some(DEADLINE))?;
    Ok(socket)
}

fn receive(journal: &UnixDatagram) -> Result<String> {
    let mut entry = vec![0; 1 << 16];
    let length = journal.recv(&mut entry).context("no entry")?;
    Ok(String::from_utf8(entry[..length].to_vec())?)
}
