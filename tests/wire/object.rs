//! The objects themselves: the default one loads with the tools that administrators know, the one with a log only with
//! checker.

use anyhow::Result;
use harness::{
    bpftool::Pinned,
    plan::Plan,
    veth::{NEAR, Wire},
};

use crate::{ONE, restricted};

#[test]
#[ignore = "needs root: loads a BPF program"]
fn bpftool_loads_the_default_object() -> Result<()> {
    let shown = Pinned::load()?.show()?;
    assert_eq!(shown["name"], "checker");
    assert_eq!(shown["type"], "xdp");
    assert_eq!(shown["gpl_compatible"], true);
    let maps = shown["map_ids"].as_array().map_or(0, Vec::len);
    assert!(maps >= 6, "tries, active generation, classes, outcomes, accounts, ring: {shown}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_object_with_a_log_judges_the_same() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--kernel-log"]).start()?;
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(1)?;
    let ended = daemon.stop()?.expect(0)?;
    assert!(ended.stderr.contains("account  matched 1 = emitted 1 + lost 0"), "{}", ended.stderr);
    Ok(())
}
