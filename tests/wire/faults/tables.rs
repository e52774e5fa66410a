//! Tables of the kernel that are full. (`flows` and `flood` have the flow table and the ring; a trie and an index are made
//! for the list that goes into them, so they cannot be: `refused` has a kernel that does not make them.)

use anyhow::Result;

use crate::{restricted, watched};

/// Labels of one request.
const LABELS: usize = 250;

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_class_table_that_is_full_refuses_the_list_and_keeps_what_there_is() -> Result<()> {
    let (wire, daemon) = watched()?;
    daemon.lists.write("two.txt", "192.0.2.0/24\n")?;
    let mut generation = 1;
    let refused = loop {
        let lists: Vec<_> = (0..LABELS).map(|number| format!("L{generation}-{number}=two.txt")).collect();
        let ended = daemon.call("load", &lists.iter().map(String::as_str).collect::<Vec<_>>())?;
        if ended.code() != Some(0) {
            break ended.expect(2)?;
        }
        generation += 1;
        assert!(generation < 10, "there is no end of it");
    };
    let sentence = "labels since the daemon started; restart it";
    assert!(refused.stderr.contains(sentence), "{}", refused.stderr);
    let status = daemon.status()?;
    assert_eq!(status["generation"], generation, "nothing was changed");
    // Labels that it knows can still be changed, and packets are judged.
    daemon.call("load", &["L1-0=two.txt"])?.expect(0)?;
    daemon.call("unload", &["L1-1"])?.expect(0)?;
    wire.sender()?.send_all([&restricted(), &crate::second()])?;
    daemon.wait_until_seen(2)?;
    let alerts = daemon.stop()?.expect(0)?.alerts()?;
    assert_eq!((alerts.len(), &alerts[0]["checker"]["label"]), (2, &"ONE".into()));
    Ok(())
}
