//! Changes that are refused, and the hangup: what worked before goes on working.

use anyhow::Result;
use harness::{
    daemon::Daemon,
    plan::Plan,
    veth::{NEAR, Wire},
};
use nix::sys::signal::Signal;

use crate::{ONE, restricted, second, watched};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_bad_file_changes_nothing_and_is_named_with_its_line() -> Result<()> {
    let (wire, daemon) = watched()?;
    daemon.lists.write("one.txt", "203.0.113.0/24\n\n203.0.113.0/33\nnonsense\n")?;
    let ended = daemon.call("reload", &[])?.expect(2)?;
    let path = daemon.lists.folder().join("one.txt");
    let path = path.display();
    let expected = format!(
        "checker: {path}:3: \"203.0.113.0/33\": prefix length 33 is larger than 32\n\
         {path}:4: \"nonsense\" is not an address or a prefix\n{path}: nothing was loaded\n"
    );
    assert_eq!(ended.stderr, expected);
    daemon.call("load", &["TWO=missing.txt"])?.expect(2)?;

    wire.sender()?.send(&restricted(), 2)?;
    // Two refusals stand before them in the stream.
    assert_eq!(daemon.wait_for_events(4)?[3]["checker"]["generation"], 1);
    let status = daemon.status()?;
    assert_eq!(status["generation"], 1);
    assert!(status["last_refusal"].as_str().is_some_and(|why| why.contains("missing.txt: cannot be read")));

    daemon.lists.write("one.txt", ONE)?;
    daemon.call("reload", &[])?.expect(0)?;
    assert_eq!(daemon.status()?["last_refusal"], serde_json::Value::Null);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_hangup_reads_the_lists_again() -> Result<()> {
    let (wire, daemon) = watched()?;
    daemon.lists.write("one.txt", "192.0.2.0/24\n2001:db8::/32\n")?;
    daemon.process().signal(Signal::SIGHUP)?;
    wait_for_generation(&daemon, 2)?;
    wire.sender()?.send_all([&restricted(), &second()])?;
    assert_eq!(daemon.wait_for_events(1)?[0]["src_ip"], "192.0.2.1");

    daemon.lists.write("one.txt", "192.0.2.0/24\nnonsense\n")?;
    daemon.process().signal(Signal::SIGHUP)?;
    daemon.process().wait_for_stderr("that it keeps the list", |line| {
        (line.contains("the last good generation stays") && line.contains("one.txt:2: \"nonsense\""))
            .then_some(())
    })?;
    wire.sender()?.send(&second(), 1)?;
    let events = daemon.wait_for_events(3)?;
    assert_eq!(events[1]["event_type"], "integrity");
    assert_eq!(events[2]["checker"]["generation"], 2);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn everything_and_the_machine_itself_are_loaded_only_by_force() -> Result<()> {
    let wire = Wire::new()?;
    wire.near.ip(&format!("addr add 192.0.2.7/24 dev {NEAR}"))?;
    wire.near.ip("route add default via 192.0.2.254")?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.start()?;
    let refusals = [
        ("all.txt", "203.0.113.0/24\n0.0.0.0/0\n", "all.txt:2: 0.0.0.0/0 covers every IPv4 address"),
        ("all6.txt", "::/0\n", "all6.txt:1: ::/0 covers every IPv6 address"),
        ("own.txt", "192.0.2.0/29\n", "own.txt:1: 192.0.2.0/29 covers this machine's own address 192.0.2.7"),
    ];
    for (name, text, sentence) in refusals {
        daemon.lists.write(name, text)?;
        let ended = daemon.call("load", &[name])?.expect(2)?;
        assert!(ended.stderr.contains(sentence), "{}", ended.stderr);
        assert!(ended.stderr.contains("; use --force to load it"), "{}", ended.stderr);
        assert_eq!(daemon.status()?["lists"], 1, "nothing was changed");
        daemon.call("load", &["--force", name])?.expect(0)?;
        assert_eq!(daemon.status()?["lists"], 2);
        daemon.call("unload", &[name.trim_end_matches(".txt")])?.expect(0)?;
    }
    Ok(())
}

/// By the daemon's own word, which it gives after the switch.
fn wait_for_generation(daemon: &Daemon, number: u64) -> Result<()> {
    let word = format!("generation {number} is active");
    daemon.process().wait_for_stderr(&word, |line| line.contains(&word).then_some(()))
}
