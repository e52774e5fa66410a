//! What a service manager hears: systemd's protocol, spoken by a socket of the test's own.

use std::{os::unix::net::UnixDatagram, time::Duration};

use anyhow::{Context as _, Result};
use harness::{
    plan::Plan,
    veth::{NEAR, Wire},
    wait::DEADLINE,
};

use crate::ONE;

/// Hears until somebody says a line, and gives all that was said before.
fn heard_before(manager: &UnixDatagram, wanted: &str) -> Result<Vec<String>> {
    let mut before = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = manager.recv(&mut buffer).with_context(|| format!("waited for {wanted}: {before:?}"))?;
        for line in String::from_utf8_lossy(&buffer[..length]).lines() {
            if line == wanted {
                return Ok(before);
            }
            before.push(line.to_owned());
        }
    }
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn it_hears_that_the_daemon_watches_lives_and_ends() -> Result<()> {
    let wire = Wire::new()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path)?;
    manager.set_read_timeout(Some(DEADLINE))?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let every = Duration::from_millis(200).as_micros().to_string();
    let daemon = plan.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", every).start()?;
    assert_eq!(heard_before(&manager, "READY=1")?, ["STATUS=watching near0"]);
    for _ in 0..2 {
        assert_eq!(heard_before(&manager, "WATCHDOG=1")?, [""; 0]);
    }
    daemon.stop()?.expect(0)?;
    heard_before(&manager, "STOPPING=1")?;
    Ok(())
}
