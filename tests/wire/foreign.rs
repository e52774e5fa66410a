//! An interface that has an XDP program already: what is foreign is left alone, and replaced only by who says so and
//! only where it can be.

use anyhow::{Context as _, Result};
use harness::{
    bpftool::Pinned,
    plan::Plan,
    veth::{NEAR, Wire},
};

use crate::{ONE, restricted, watched};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn of_two_daemons_the_first_stays() -> Result<()> {
    let (wire, first) = watched()?;
    let program = wire.xdp_program(NEAR)?.context("the first is not attached")?;
    let ended = Plan::new(&wire.near)?.interface(NEAR).list("TWO", ONE)?.refused()?.expect(2)?;
    let sentence = format!("checker: near0 already runs the XDP program checker (id {program}, native mode)");
    assert!(ended.stderr.contains(&sentence), "{}", ended.stderr);

    assert_eq!(wire.xdp_program(NEAR)?, Some(program));
    wire.sender()?.send(&restricted(), 2)?;
    first.wait_for_events(2)?;
    Ok(())
}

/// The link of a program belongs to who holds it: not even root can take it away.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn force_does_not_take_an_interface_from_a_living_daemon() -> Result<()> {
    let (wire, first) = watched()?;
    let program = wire.xdp_program(NEAR)?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("TWO", ONE)?;
    let ended = plan.words(&["--force"]).refused()?.expect(2)?;
    assert!(ended.stderr.contains("stop the program that holds it"), "{}", ended.stderr);

    assert_eq!(wire.xdp_program(NEAR)?, program);
    wire.sender()?.send(&restricted(), 2)?;
    first.wait_for_events(2)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_foreign_program_is_left_alone() -> Result<()> {
    let wire = Wire::new()?;
    let foreign = Pinned::load()?;
    foreign.attach(&wire.near, NEAR)?;
    let id = foreign.show()?["id"].as_u64().context("no id")?;

    let ended = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.refused()?.expect(2)?;
    let sentence =
        format!("near0 already runs the XDP program checker (id {id}, native mode); it is left alone");
    assert!(ended.stderr.contains(&sentence), "{}", ended.stderr);
    assert_eq!(wire.xdp_program(NEAR)?.map(u64::from), Some(id));
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn force_replaces_a_program_that_nobody_holds() -> Result<()> {
    let wire = Wire::new()?;
    let foreign = Pinned::load()?;
    foreign.attach(&wire.near, NEAR)?;
    let id = wire.xdp_program(NEAR)?;

    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--force"]).start()?;
    assert_ne!(wire.xdp_program(NEAR)?, id);
    wire.sender()?.send(&restricted(), 2)?;
    daemon.wait_for_events(2)?;
    daemon.stop()?.expect(0)?;
    assert_eq!(wire.xdp_program(NEAR)?, None, "nothing is left, and what was replaced does not come back");
    Ok(())
}
