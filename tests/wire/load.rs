//! Lists at runtime: a change takes effect at once and as a whole, or not at all.

use std::{
    net::Ipv4Addr,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use anyhow::Result;
use aya::util::KernelVersion;
use harness::daemon::Daemon;
use serde_json::Value;

use crate::{ONE, restricted, second, watched};

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
            }
            Ok(sent)
        });
        let changed = change_lists(&daemon);
        done.store(true, Relaxed);
        changed?;
        flow.join().expect("the sender does not panic")
    })?;
    daemon.wait_until_seen(sent as u64)?;
    let ended = daemon.stop()?.expect(0)?;
    let events = ended.alerts()?;
    let (emitted, more) = (events.len(), sent - events.len());
    let account = format!("  ONE (alert): matched {sent} = emitted {emitted} + aggregated {more} + lost 0\n");
    assert!(ended.stderr.contains(&account), "not {account:?} but {}", ended.stderr);
    let counts = events.iter().filter_map(|event| event["checker"]["count"].as_u64());
    assert_eq!(counts.sum::<u64>(), sent as u64);

    let when = |event: &Value| {
        let number = event["checker"]["generation"].as_u64();
        (number, event["checker"]["first_seen"].as_str().map(str::to_owned))
    };
    let mut flows: Vec<_> = events.iter().map(when).collect();
    flows.sort();
    flows.dedup();
    assert!(flows.is_sorted_by_key(|(_, first)| first), "no packet was judged by a generation that was gone");
    assert!(flows.is_sorted_by(|one, other| one.0 < other.0), "one flow a generation: {flows:?}");
    assert!(flows.len() > 1, "the lists did change meanwhile");
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
    let event = daemon.wait_for_events(1)?.remove(0);
    assert_eq!(event["checker"]["label"], "TWO");
    assert_eq!(event["checker"]["prefix"], "192.0.2.0/24");
    assert_eq!(event["checker"]["generation"], 2);
    daemon.call("unload", &["TWO"])?.expect(0)?;
    sender.send(&second(), 10)?;
    sender.send(&restricted(), 1)?;
    daemon.wait_until_seen(24)?;
    let ended = daemon.stop()?.expect(0)?;
    let counts = |label| -> Result<u64> {
        let alerts = ended.alerts()?.into_iter().filter(|event| event["checker"]["label"] == label);
        Ok(alerts.filter_map(|event| event["checker"]["count"].as_u64()).sum())
    };
    assert_eq!((counts("ONE")?, counts("TWO")?), (1, 3));
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
    let lists: Value = serde_json::from_str(&json)?;
    assert_eq!(lists[1]["label"], "TWO");
    assert_eq!(lists[1]["sha256"].as_str().map(str::len), Some(64));
    Ok(())
}

/// Bytes of the smallest page there is.
const PAGE: u64 = 4096;

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn status_tells_what_the_lists_take_in_the_kernel() -> Result<()> {
    let (_wire, daemon) = watched()?;
    let memory = |which: &str| -> Result<u64> {
        Ok(daemon.status()?["memory"][which].as_u64().expect("a number of bytes"))
    };
    let (index, tries) = (memory("index")?, memory("tries")?);
    // Two roots of 256 KiB, and a page for the nodes below each.
    assert!((768 << 10..1 << 20).contains(&index), "{index}");
    assert!(tries > 0);
    // Scattered over the address space, so that no two nodes are equal.
    let hosts = (1..=20_000_u32).map(|n| format!("{}\n", Ipv4Addr::from_bits(n.wrapping_mul(0x9e37_79b1))));
    daemon.lists.write("two.txt", &hosts.collect::<String>())?;
    daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
    assert!(memory("index")? > index);
    // Before 6.4 the kernel reckons with key and value alone.
    let node = if KernelVersion::current()? < KernelVersion::new(6, 4, 0) { 16 } else { 32 };
    // What a trie took before was rounded up to a page.
    assert!(memory("tries")? + PAGE >= tries + 20_000 * node, "a node is at least {node} bytes");
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(printed.contains("\nkernel memory: indexes "), "{printed}");
    Ok(())
}

/// xdp-tools#201: `status` did not show an entry that had just been added.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn what_was_loaded_is_shown_at_once() -> Result<()> {
    let (_wire, daemon) = watched()?;
    for number in 1..=20 {
        let label = format!("L{number}");
        daemon.lists.write("more.txt", &format!("198.51.100.{number}\n"))?;
        daemon.call("load", &[&format!("{label}=more.txt")])?.expect(0)?;
        let lists = daemon.call("lists", &[])?.expect(0)?.stdout;
        assert!(lists.lines().any(|line| line.starts_with(&format!("{label} "))), "{label}: {lists}");
        let explained = daemon.call("explain", &[&format!("198.51.100.{number}")])?.expect(1)?.stdout;
        assert!(explained.contains(&format!("  {label}  more.txt:1@")), "{explained}");
        assert_eq!(daemon.status()?["ranges_v4"], 1 + number);
    }
    Ok(())
}
