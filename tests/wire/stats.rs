//! The account in the alert stream.

use anyhow::{Context as _, Result};
use harness::{
    plan::Plan,
    veth::{NEAR, Wire},
};
use serde_json::Value;

use crate::{ONE, ordinary, restricted};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_stream_tells_the_account_regularly_and_at_the_end() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--stats-every", "100ms"]).start()?;
    let first = daemon.wait_for_events(1)?.remove(0);
    assert_eq!(first["event_type"], "stats");
    assert_eq!(first["stats"]["seen"], 0);
    wire.sender()?.send_all([&restricted(), &restricted(), &ordinary()])?;
    daemon.wait_until_seen(3)?;

    let ended = daemon.stop()?.expect(0)?;
    let last: Value = serde_json::from_str(ended.stdout.lines().last().context("no line")?)?;
    assert_eq!(last["event_type"], "stats");
    let stats = &last["stats"];
    assert_eq!(stats["seen"], 3);
    assert_eq!(stats["judged"], 3);
    assert_eq!(stats["outcomes"]["alerted"], 2);
    assert_eq!(stats["total"]["matched"], 2);
    assert_eq!(stats["labels"][0]["label"], "ONE");
    assert_eq!(stats["labels"][0]["matched"], 2);
    assert!(stats["uptime"].is_u64(), "{stats}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn people_get_it_as_a_line() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(&["--output", "human"]);
    let daemon = plan.words(&["--stats-every", "100ms"]).start()?;
    let line = daemon.wait_for_lines(1)?.remove(0);
    let (_, said) = line.split_once(' ').context("no time")?;
    assert_eq!(said, "-      STATS seen 0, judged 0; matched 0 = emitted 0 + lost 0");
    daemon.stop()?.expect(0)?;
    Ok(())
}
