//! A list that shrank: refused by whatever way it comes, said wherever somebody may look, and loaded by force.

use std::fs;

use anyhow::Result;
use harness::{
    daemon::Daemon,
    plan::Plan,
    veth::{NEAR, Wire},
};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::restricted;

const FOUR: &str = "203.0.113.0/24\n198.51.100.0/25\n192.0.2.0/25\n2001:db8::/32\n2001:db8:1::/48\n";

fn watched() -> Result<(Wire, Daemon)> {
    let wire = Wire::new()?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).list("FOUR", FOUR)?.start()?;
    Ok((wire, daemon))
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_list_that_shrank_is_refused_by_every_way_and_the_old_one_stays() -> Result<()> {
    let (wire, daemon) = watched()?;
    daemon.lists.write("four.txt", "192.0.2.0/25\n2001:db8::/32\n")?;
    let sentence = "FOUR would have 128 IPv4 addresses where it has 512: more than half would be lost; \
                    use --force to load it";
    let reload = daemon.call("reload", &[])?.expect(2)?;
    assert_eq!(reload.stderr, format!("checker: {sentence}\n"));
    daemon.call("load", &["FOUR=four.txt"])?.expect(2)?;
    daemon.process().signal(Signal::SIGHUP)?;
    daemon.process().wait_for_stderr("that it keeps the list", |line| {
        (line.contains("the last good generation stays") && line.contains(sentence)).then_some(())
    })?;

    wire.sender()?.send(&restricted(), 1)?;
    let events = daemon.wait_for_events(4)?;
    for event in &events[..3] {
        assert_eq!(event["event_type"], "integrity");
        let expected = serde_json::json!({"what": "lists_refused", "reason": sentence, "generation": 1});
        assert_eq!(event["integrity"], expected);
    }
    assert_eq!(events[3]["checker"]["list"], "four.txt", "what is gone from the file alerts still");
    let status = daemon.status()?;
    assert_eq!((&status["generation"], &status["last_refusal"]), (&Value::from(1), &Value::from(sentence)));
    let tail = daemon.call("tail", &["-n", "9", "--no-follow", "--output", "human"])?.expect(0)?;
    assert!(
        tail.stdout.contains(&format!(" REFUSED new lists, generation 1 stays: {sentence}\n")),
        "{}",
        tail.stdout
    );

    daemon.call("reload", &["--force"])?.expect(0)?;
    let status = daemon.status()?;
    assert_eq!((&status["generation"], &status["last_refusal"]), (&Value::from(2), &Value::Null));
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn half_of_a_list_may_go_and_ranges_may_be_joined() -> Result<()> {
    let (_wire, daemon) = watched()?;
    daemon.lists.write("four.txt", "203.0.113.0/24\n2001:db8::/32\n")?;
    daemon.call("reload", &[])?.expect(0)?;
    let many: String = (0..256).map(|host| format!("203.0.113.{host}\n")).collect();
    daemon.lists.write("four.txt", &(many + "2001:db8::/32\n"))?;
    daemon.call("reload", &[])?.expect(0)?;
    daemon.lists.write("four.txt", "203.0.113.0/24\n2001:db8::/32\n")?;
    daemon.call("reload", &[])?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_family_that_is_gone_altogether_is_refused() -> Result<()> {
    let (_wire, daemon) = watched()?;
    daemon.lists.write("four.txt", "203.0.113.0/24\n198.51.100.0/25\n192.0.2.0/25\n")?;
    let ended = daemon.call("reload", &[])?.expect(2)?;
    assert!(ended.stderr.contains("FOUR would have 0 IPv6 /64s where it has 4294967296"), "{}", ended.stderr);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn status_tells_how_old_each_list_is() -> Result<()> {
    let (_wire, daemon) = watched()?;
    let status = daemon.status()?;
    let age = &status["ages"][0];
    assert_eq!((&age["label"], &age["name"]), (&Value::from("FOUR"), &Value::from("four.txt")));
    assert!(age["modified"].as_str().is_some_and(|moment| moment.ends_with('Z')), "{age}");
    let shown = daemon.call("status", &[])?.expect(0)?.stdout;
    let line = shown.lines().find(|line| line.starts_with("  FOUR four.txt: written ")).expect("a line");
    assert!(line.ends_with(" ago"), "{line}");
    Ok(())
}

/// Not only the one that it is reached by: with `drop`, any of them would be cut off.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_address_of_any_interface_is_the_own_address() -> Result<()> {
    let (wire, daemon) = watched()?;
    wire.add_pair("near1", "far1")?;
    // Of the namespace of whoever opens it.
    wire.near.enter(|| fs::write("/proc/sys/net/ipv6/conf/near1/disable_ipv6", "0"))??;
    wire.near.ip("addr add 198.18.7.7/24 dev near1")?;
    wire.near.ip("-6 addr add 2001:db8:77::7/64 dev near1 nodad")?;
    for (text, own) in [("198.18.7.0/24\n", "198.18.7.7"), ("2001:db8:77::/48\n", "2001:db8:77::7")] {
        daemon.lists.write("own.txt", text)?;
        let ended = daemon.call("load", &["OWN=own.txt"])?.expect(2)?;
        let sentence = format!("covers this machine's own address {own}; use --force to load it");
        assert!(ended.stderr.contains(&sentence), "{}", ended.stderr);
    }
    daemon.call("load", &["OWN=own.txt", "--force"])?.expect(0)?;
    Ok(())
}
