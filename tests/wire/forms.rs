//! Every form of the alert stream, as a daemon and its readers print it, and as the published schemas have it.

use anyhow::Result;
use harness::{
    plan::Plan,
    schema::{ECS, EVE, OCSF},
    veth::{NEAR, Wire},
};

use crate::{ONE, restricted};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_alert_and_a_refusal_in_every_form() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--output", "ocsf"]).start()?;
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_lines(1)?;
    daemon.lists.write("one.txt", "no range\n")?;
    daemon.call("reload", &[])?.expect(2)?;
    let printed = daemon.wait_for_lines(2)?.join("\n");
    let records = OCSF.check_lines(&printed)?;
    assert_eq!((&records[0]["class_uid"], &records[1]["class_uid"]), (&2004.into(), &6008.into()));

    let told = |form| daemon.call("tail", &["-n", "2", "--no-follow", "--output", form])?.expect(0);
    let records = ECS.check_lines(&told("ecs")?.stdout)?;
    assert_eq!(
        (&records[0]["event"]["kind"], &records[1]["event"]["kind"]),
        (&"alert".into(), &"event".into())
    );
    let records = EVE.check_lines(&told("eve")?.stdout)?;
    assert_eq!(
        (&records[0]["event_type"], &records[1]["event_type"]),
        (&"alert".into(), &"integrity".into())
    );
    let lines = told("human")?.stdout;
    assert!(
        lines.contains(" ALERT ONE ") && lines.contains(" REFUSED new lists, generation 1 stays: "),
        "{lines}"
    );
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn colours_are_a_wish() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--output", "human", "--color", "always"]).start()?;
    wire.sender()?.send(&restricted(), 1)?;
    let coloured = daemon.wait_for_lines(1)?.remove(0);
    assert!(coloured.contains("\u{1b}[33mALERT\u{1b}[0m"), "{coloured:?}");
    let told = |color| {
        daemon.call("tail", &["-n", "1", "--no-follow", "--output", "human", "--color", color])?.expect(0)
    };
    assert_eq!(told("always")?.stdout.trim_end(), coloured);
    // Standard output is a pipe.
    for color in ["auto", "never"] {
        let plain = told(color)?.stdout;
        assert!(plain.contains(" ALERT ONE ") && !plain.contains('\u{1b}'), "{plain:?}");
    }
    Ok(())
}
