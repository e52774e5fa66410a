//! The end, however it comes: the account is printed and nothing is left, neither in the kernel nor on the disk.

use anyhow::{Context as _, Result};
use harness::{
    daemon::Daemon,
    leftovers::Traces,
    plan::Plan,
    process::Ended,
    send::Sender,
    veth::{NEAR, Wire},
};
use nix::sys::signal::Signal;

use crate::{ONE, ordinary, restricted, watched};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn nothing_is_left_after_an_interrupt() -> Result<()> {
    ends_without_a_trace(|daemon| daemon.process().signal(Signal::SIGINT))
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn nothing_is_left_after_a_termination() -> Result<()> {
    ends_without_a_trace(|daemon| daemon.process().signal(Signal::SIGTERM))
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn nothing_is_left_after_a_detach() -> Result<()> {
    ends_without_a_trace(|daemon| {
        let printed = daemon.call("detach", &[])?.expect(0)?.stdout;
        assert_eq!(printed, "detached from near0\n");
        Ok(())
    })
}

fn ends_without_a_trace(end: impl FnOnce(&Daemon) -> Result<()>) -> Result<()> {
    let (wire, daemon) = watched()?;
    let traces = traces(&wire)?;
    assert_eq!(traces.links(), 1);
    wire.sender()?.send_all([&restricted(), &ordinary()])?;
    daemon.wait_for_events(1)?;
    daemon.wait_until_seen(2)?;

    end(&daemon)?;
    let socket = daemon.socket.clone();
    let (ended, _folder) = daemon.wait()?;
    account_of_two(&ended.expect(0)?);
    assert!(!socket.exists(), "the socket stayed");
    assert_eq!(wire.xdp_program(NEAR)?, None);
    traces.wait_until_gone()
}

fn account_of_two(ended: &Ended) {
    let account = "packets  seen 2, judged 2 (100.0 %): alerted 1, compliant 1\n\
                   account  matched 1 = emitted 1 + lost 0\n  ONE (alert): matched 1 = emitted 1 + lost 0\n";
    assert!(ended.stderr.ends_with(account), "{}", ended.stderr);
}

/// Not even this leaves a program on the interface: a link is gone with the last one who holds it.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_killed_daemon_leaves_nothing_in_the_kernel() -> Result<()> {
    let (wire, daemon) = watched()?;
    let traces = traces(&wire)?;
    daemon.process().signal(Signal::SIGKILL)?;
    let (ended, _folder) = daemon.wait()?;
    assert_eq!(ended.signal(), Some(libc::SIGKILL));
    traces.wait_until_gone()?;
    assert_eq!(wire.xdp_program(NEAR)?, None);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn one_of_several_interfaces_can_be_let_go() -> Result<()> {
    let wire = Wire::new()?;
    wire.add_pair("near1", "far1")?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).interface("near1").list("ONE", ONE)?.start()?;
    let traces = traces(&wire)?;
    assert_eq!(traces.links(), 2);
    let unknown = daemon.call("detach", &["-i", "nope0"])?.expect(2)?;
    assert_eq!(unknown.stderr, "checker: nope0 is not watched\n");

    let printed = daemon.call("detach", &["-i", NEAR])?.expect(0)?.stdout;
    assert_eq!(printed, "detached from near0\n");
    assert_eq!(wire.xdp_program(NEAR)?, None);
    wire.sender()?.send(&restricted(), 1)?;
    Sender::new(&wire.far, "far1")?.send(&restricted(), 1)?;
    assert_eq!(daemon.wait_for_events(1)?[0]["in_iface"], "near1");
    assert_eq!(daemon.status()?["account"]["seen"], 1);

    daemon.call("detach", &["-i", "near1"])?.expect(0)?;
    let (ended, _folder) = daemon.wait()?;
    ended.expect(0)?;
    traces.wait_until_gone()
}

fn traces(wire: &Wire) -> Result<Traces> {
    Traces::of(wire.xdp_program(NEAR)?.context("no program is attached")?)
}
