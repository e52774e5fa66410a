//! What the daemon remembers of a list from one change to the next: that it was forced, and what it asks for.

use anyhow::{Context as _, Result};
use harness::{
    plan::Plan,
    veth::{NEAR, Wire},
};
use nix::sys::signal::Signal;

use crate::{ONE, restricted, watched};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_forced_list_stays_forced_and_holds_up_no_other() -> Result<()> {
    let (_wire, daemon) = watched()?;
    daemon.lists.write("all.txt", "0.0.0.0/0\n")?;
    daemon.call("load", &["--force", "ALL=all.txt"])?.expect(0)?;
    daemon.lists.write("two.txt", "192.0.2.0/24\n")?;
    daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
    daemon.call("reload", &[])?.expect(0)?;
    daemon.process().signal(Signal::SIGHUP)?;
    daemon.process().wait_for_stderr("that generation 5 is active", |line| {
        line.contains("generation 5 is active").then_some(())
    })?;

    // A list that was not forced is guarded as before, and so is one that comes again.
    daemon.lists.write("two.txt", "0.0.0.0/0\n")?;
    daemon.call("unload", &["ALL"])?.expect(0)?;
    daemon.call("reload", &[])?.expect(2)?;
    daemon.call("load", &["ALL=all.txt"])?.expect(2)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_label_that_drops_goes_on_dropping_when_its_list_is_replaced() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR);
    plan.lists().write("one.txt", ONE)?;
    let config = "[[list]]\nlabel = \"ONE\"\npath = \"one.txt\"\naction = \"drop\"\n";
    let config = plan.lists().write("checker.toml", config)?;
    let daemon = plan.words(&["--config", config.to_str().context("a path of characters")?]).start()?;
    daemon.lists.write("new.txt", ONE)?;
    daemon.call("load", &["ONE=new.txt"])?.expect(0)?;
    wire.sender()?.send(&restricted(), 1)?;
    let event = daemon.wait_for_events(1)?.remove(0);
    assert_eq!(event["checker"]["list"], "new.txt");
    assert_eq!(event["alert"]["action"], "blocked", "{event}");
    Ok(())
}
