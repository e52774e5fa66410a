//! Lists at runtime: a change takes effect at once and as a whole, or not at all.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use anyhow::Result;
use harness::daemon::{Daemon, events};

use crate::{ONE, restricted, second, watched};

/// Alerts that may be on their way.
const LAG: usize = 5_000;

/// Invariant 4, on the wire: frames go on while lists come and go, and not one of them is missed.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_range_that_stays_alerts_for_every_frame_while_lists_change() -> Result<()> {
    let (wire, daemon) = watched()?;
    let sender = wire.sender()?;
    let done = AtomicBool::new(false);
    let sent = thread::scope(|scope| -> Result<usize> {
        let flow = scope.spawn(|| -> Result<usize> {
            let mut sent: usize = 0;
            while !done.load(Relaxed) {
                sender.send(&restricted(), 100)?;
                sent += 100;
                // Never more than ring and queue can hold: here nothing may be lost to a slow machine.
                daemon.process().wait_for_count(sent.saturating_sub(LAG))?;
            }
            Ok(sent)
        });
        let changed = change_lists(&daemon);
        done.store(true, Relaxed);
        changed?;
        flow.join().expect("the sender does not panic")
    })?;
    daemon.process().wait_for_count(sent)?;
    let ended = daemon.stop()?.expect(0)?;
    let account = format!("  ONE (alert): matched {sent} = emitted {sent} + lost 0\n");
    assert!(ended.stderr.contains(&account), "not {account:?} but {}", ended.stderr);
    let events = events(&ended.stdout.lines().collect::<Vec<_>>())?;
    assert_eq!(events.len(), sent);
    let mut generations: Vec<_> =
        events.iter().filter_map(|event| event["checker"]["generation"].as_u64()).collect();
    assert!(generations.is_sorted(), "no packet was judged by a generation that was gone");
    generations.dedup();
    assert!(generations.len() > 1, "the lists did change meanwhile");
    for event in &events {
        let (prefix, line) = (&event["checker"]["prefix"], &event["checker"]["line"]);
        assert_eq!(
            prefix, "203.0.113.0/24",
            "each alert is explained by the generation that raised it: {event}"
        );
        assert!(line == 1 || line == 2, "{event}");
    }
    Ok(())
}

fn change_lists(daemon: &Daemon) -> Result<()> {
    daemon.lists.write("two.txt", "192.0.2.0/24\n")?;
    for _ in 0..5 {
        daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
        daemon.lists.write("one.txt", "2001:db8::/32\n203.0.113.0/24\n")?;
        daemon.call("reload", &[])?.expect(0)?;
        daemon.call("unload", &["TWO"])?.expect(0)?;
        daemon.lists.write("one.txt", ONE)?;
        daemon.call("load", &["ONE=one.txt"])?.expect(0)?;
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_new_label_alerts_as_soon_as_it_is_loaded_and_no_more_when_it_is_unloaded() -> Result<()> {
    let (wire, daemon) = watched()?;
    let sender = wire.sender()?;
    sender.send(&second(), 10)?;
    daemon.wait_until_seen(10)?;
    // From the client's own folder, not the daemon's.
    daemon.lists.write("two.txt", "# a comment\n192.0.2.77/24\n")?;
    let loaded = daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
    let begin = "generation 2: 2 lists, 2 IPv4 and 1 IPv6 ranges, active after ";
    assert!(loaded.stdout.starts_with(begin), "{}", loaded.stdout);
    assert!(loaded.stderr.contains("two.txt: host bits were set in 1 range; masked"), "{}", loaded.stderr);

    sender.send(&second(), 3)?;
    for event in daemon.wait_for_events(3)? {
        assert_eq!(event["checker"]["label"], "TWO");
        assert_eq!(event["checker"]["prefix"], "192.0.2.0/24");
        assert_eq!(event["checker"]["generation"], 2);
    }
    daemon.call("unload", &["TWO"])?.expect(0)?;
    sender.send(&second(), 10)?;
    sender.send(&restricted(), 1)?;
    assert_eq!(daemon.wait_for_events(4)?[3]["checker"]["label"], "ONE");

    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(ended.stdout.lines().count(), 4);
    assert!(ended.stderr.contains("  TWO (alert): matched 3 = emitted 3 + lost 0\n"), "{}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn what_is_loaded_is_shown() -> Result<()> {
    let (_wire, daemon) = watched()?;
    daemon.lists.write("two.txt", "192.0.2.0/24\n192.0.2.0/24\n")?;
    daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
    let printed = daemon.call("lists", &[])?.expect(0)?.stdout;
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines.len(), 2, "{printed}");
    assert!(lines[0].starts_with("ONE  alert        1 IPv4        1 IPv6  sha256 "), "{printed}");
    assert!(lines[1].starts_with("TWO  alert        2 IPv4        0 IPv6  sha256 "), "{printed}");
    let json = daemon.call("lists", &["--json"])?.expect(0)?.stdout;
    let lists: serde_json::Value = serde_json::from_str(&json)?;
    assert_eq!(lists[1]["label"], "TWO");
    assert_eq!(lists[1]["sha256"].as_str().map(str::len), Some(64));
    Ok(())
}
