//! A state folder on a disk that is full: what is kept there stays as it was, is said to be old, and is renewed when there
//! is room. (`output`, `log`, `sealed` and `evidence` have the disks of sinks.)

use std::{
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
    process,
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    http::{Page, Server},
    plan::Plan,
    tmpfs::Tmpfs,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use serde_json::json;

use crate::{ONE, restricted, second};

/// [`ONE`] and the range of [`second`].
const MORE: &str = "203.0.113.0/24\n192.0.2.0/24\n2001:db8::/32\n";

/// A daemon's surroundings, on a disk of their own.
struct Lab {
    /// Of pins; removed first, so that nothing is attached any more when the rest goes.
    pins: PathBuf,
    disk: Tmpfs,
    wire: Wire,
    server: Server,
}

impl Lab {
    fn new(name: &str) -> Result<Self> {
        let wire = Wire::new()?;
        wire.near.ip("link set lo up")?;
        let server = wire.near.enter(Server::new)??;
        server.serve("/one.txt", Page::List(ONE.into()));
        let pins = format!("/sys/fs/bpf/checker-test-full-{}-{name}", process::id()).into();
        Ok(Self { pins, disk: Tmpfs::new(256)?, wire, server })
    }

    /// A daemon with a list that it fetches every second.
    fn plan(&self) -> Result<Plan<'_>> {
        let plan = Plan::new(&self.wire.near)?.interface(NEAR);
        let url = self.server.url("/one.txt");
        let text = format!("[[list]]\nlabel = \"ONE\"\nurl = \"{url}\"\nrefresh = \"1s\"\n");
        let config = plan.lists().write("checker.toml", &text)?.to_string_lossy().into_owned();
        let state = self.disk.folder().to_string_lossy();
        Ok(plan.words(&["--config", &config, "--state", &state]))
    }

    /// Takes all the room there is.
    fn fill(&self) -> Result<()> {
        let mut file = File::create(self.disk.path("filler"))?;
        while file.write(&[0; 4096]).is_ok() {}
        Ok(())
    }

    fn make_room(&self) -> Result<()> {
        Ok(fs::remove_file(self.disk.path("filler"))?)
    }

    /// What the copy says.
    fn kept(&self) -> Result<String> {
        let files = fs::read_dir(self.disk.path("lists"))?.flatten().map(|entry| entry.path());
        let mut bodies = files.filter(|path| path.extension().is_some_and(|ending| ending.len() == 16));
        let body = fs::read_to_string(bodies.next().context("there is no copy")?)?;
        ensure!(bodies.next().is_none(), "there are two of them");
        Ok(body)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A test that went well has nothing there any more.
        let _removed = fs::remove_dir_all(&self.pins);
    }
}

fn wait_for_generation(daemon: &Daemon, generation: u64) -> Result<()> {
    wait_until(&format!("generation {generation} is active"), || -> Result<()> {
        let now = daemon.status()?["generation"].clone();
        ensure!(now == generation, "it is {now}");
        Ok(())
    })
}

fn wait_for_warning(daemon: &Daemon, sentence: &str) -> Result<()> {
    daemon.process().wait_for_stderr(sentence, |line| line.contains(sentence).then_some(()))
}

#[test]
#[ignore = "needs root: namespaces, XDP, tmpfs"]
fn a_new_list_that_cannot_be_kept_is_loaded_and_the_old_copy_stays() -> Result<()> {
    let lab = Lab::new("copy")?;
    let daemon = lab.plan()?.start()?;
    assert_eq!(lab.kept()?, ONE);
    lab.fill()?;
    lab.server.serve("/one.txt", Page::List(MORE.into()));
    wait_for_generation(&daemon, 2)?;
    wait_for_warning(&daemon, "/one.txt: no copy can be kept in ")?;
    lab.wire.sender()?.send_all([&restricted(), &second()])?;
    assert_eq!(daemon.wait_for_events(2)?[1]["checker"]["generation"], 2);
    drop(daemon);
    assert_eq!(lab.kept()?, ONE, "the old copy stays");

    // The next one begins with what there is, and has the new one a moment later.
    let daemon = lab.plan()?.start()?;
    assert_eq!(lab.kept()?, ONE);
    wait_for_generation(&daemon, 2)?;
    lab.make_room()?;
    wait_until("the new one is kept", || -> Result<()> {
        let kept = lab.kept()?;
        ensure!(kept == MORE, "{kept:?} is kept");
        Ok(())
    })?;
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, tmpfs, bpffs"]
fn a_change_that_the_next_daemon_could_not_be_told_of_is_refused() -> Result<()> {
    let lab = Lab::new("pins")?;
    let pin = format!("--pin={}", lab.pins.display());
    let state = lab.disk.folder().to_string_lossy().into_owned();
    let plan = || -> Result<Plan<'_>> {
        let plan = Plan::new(&lab.wire.near)?.interface(NEAR).list("ONE", ONE)?;
        Ok(plan.words(&[&pin, "--state", &state]))
    };
    lab.fill()?;
    let refused = plan()?.refused()?.expect(2)?;
    assert!(refused.stderr.contains("No space left on device"), "{}", refused.stderr);
    assert_eq!(lab.wire.xdp_program(NEAR)?, None);
    assert!(!lab.pins.exists(), "pins are left");

    lab.make_room()?;
    let daemon = plan()?.start()?;
    daemon.lists.write("two.txt", "192.0.2.0/24\n")?;
    lab.fill()?;
    let refused = daemon.call("load", &["TWO=two.txt"])?.expect(2)?;
    assert!(refused.stderr.contains("/lists: No space left on device"), "{}", refused.stderr);
    let sender = lab.wire.sender()?;
    sender.send_all([&restricted(), &second()])?;
    daemon.wait_until_seen(2)?;
    wait_for_warning(&daemon, "the next daemon will not know what was told: cannot write ")?;
    let status = daemon.status()?;
    assert_eq!((&status["generation"], &status["account"]["total"]["matched"]), (&json!(1), &json!(1)));

    lab.make_room()?;
    daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
    sender.send(&second(), 1)?;
    daemon.wait_until_seen(3)?;
    daemon.call("detach", &[])?.expect(0)?;
    let ended = daemon.wait()?.0.expect(0)?;
    assert!(ended.stderr.contains("account  matched 2 = emitted 2 + lost 0"), "{}", ended.stderr);
    assert!(!lab.pins.exists(), "pins are left");
    Ok(())
}
