//! Files of lists that change: noticed without being asked, and without polling.

use std::{fs, os::unix::fs::symlink};

use anyhow::Result;
use harness::{
    daemon::Daemon,
    plan::Plan,
    veth::{NEAR, Wire},
};

use crate::{ONE, second};

fn following() -> Result<(Wire, Daemon)> {
    let wire = Wire::new()?;
    let daemon = Plan::new(&wire.near)?.watching_lists().interface(NEAR).list("ONE", ONE)?.start()?;
    Ok((wire, daemon))
}

/// [`ONE`] and the range of [`second`].
const MORE: &str = "203.0.113.0/24\n192.0.2.0/24\n2001:db8::/32\n";

fn wait_for_generation(daemon: &Daemon, number: u64) -> Result<()> {
    let word = format!("generation {number} is active");
    daemon.process().wait_for_stderr(&word, |line| line.contains(&word).then_some(()))
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_file_that_is_written_or_replaced_is_read_again() -> Result<()> {
    let (wire, daemon) = following()?;
    daemon.lists.write("one.txt", MORE)?;
    wait_for_generation(&daemon, 2)?;
    wire.sender()?.send(&second(), 1)?;
    assert_eq!(daemon.wait_for_events(1)?[0]["checker"]["generation"], 2);

    let other = daemon.lists.write("one.new", &format!("{MORE}198.51.100.0/24\n"))?;
    fs::rename(other, daemon.lists.folder().join("one.txt"))?;
    wait_for_generation(&daemon, 3)?;

    // Behind a link, which is replaced by another one.
    let real = daemon.lists.write("real.txt", MORE)?;
    symlink(&real, daemon.lists.folder().join("link"))?;
    fs::rename(daemon.lists.folder().join("link"), daemon.lists.folder().join("one.txt"))?;
    wait_for_generation(&daemon, 4)?;
    // And what it leads to is written.
    daemon.lists.write("real.txt", ONE)?;
    wait_for_generation(&daemon, 5)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_bad_file_is_refused_once_and_the_next_good_one_is_read() -> Result<()> {
    let (_wire, daemon) = following()?;
    daemon.lists.write("one.txt", "nonsense\n")?;
    let events = daemon.wait_for_events(1)?;
    assert_eq!(events[0]["integrity"]["generation"], 1, "{events:?}");
    assert!(
        daemon.status()?["last_refusal"].as_str().is_some_and(|why| why.contains("one.txt:1: \"nonsense\""))
    );
    // A list that was deleted stays loaded; one that comes back is read.
    fs::remove_file(daemon.lists.folder().join("one.txt"))?;
    daemon.lists.write("one.txt", MORE)?;
    wait_for_generation(&daemon, 2)?;
    assert_eq!(daemon.status()?["last_refusal"], serde_json::Value::Null);
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(ended.stdout.matches("\"event_type\":\"integrity\"").count(), 1, "refused once");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_list_that_is_loaded_later_is_followed_and_what_was_read_already_is_not_read_again() -> Result<()> {
    let (_wire, daemon) = following()?;
    daemon.lists.write("two.txt", "192.0.2.0/24\n")?;
    daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
    wait_for_generation(&daemon, 2)?;
    daemon.lists.write("two.txt", "192.0.2.0/24\n198.51.100.0/24\n")?;
    wait_for_generation(&daemon, 3)?;
    assert_eq!(daemon.status()?["generation"], 3);
    Ok(())
}
