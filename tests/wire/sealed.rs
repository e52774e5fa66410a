//! `--sealed-log`: what a daemon writes verifies; what is done to it afterwards, or to the daemon, is named.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    checker::Call,
    daemon::{Daemon, events},
    lists::Lists,
    plan::Plan,
    process::Ended,
    schema::EVE,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{ONE, run_flows};

/// What only alerts have in them.
const ALERT: &str = "\"event_type\":\"alert\"";

/// A cable, and a folder with a log that outlives daemons.
struct Lab {
    wire: Wire,
    folder: Lists,
}

impl Lab {
    fn new() -> Result<Self> {
        Ok(Self { wire: Wire::new()?, folder: Lists::new()? })
    }

    fn log(&self) -> PathBuf {
        self.folder.folder().join("sealed.json")
    }

    fn plan(&self) -> Result<Plan<'_>> {
        let (log, key) = (self.log(), self.folder.folder().join("state/log.key"));
        let plan = Plan::new(&self.wire.near)?.interface(NEAR).list("ONE", ONE)?;
        let words = ["--sealed-log".into(), log, "--log-key".into(), key, "--seal-every".into(), "1".into()];
        let words: Vec<_> = words.iter().map(|word: &PathBuf| word.to_string_lossy().into_owned()).collect();
        Ok(plan.words(&words.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    fn start(&self) -> Result<Daemon> {
        self.plan()?.start()
    }

    fn verify(&self, words: &[&str]) -> Result<Ended> {
        let log = self.log();
        let all = ["log".into(), "verify".into(), log.as_os_str().to_owned()];
        Call::new(all.into_iter().chain(words.iter().map(Into::into))).run()
    }
}

/// So many alerts, or more, are in the log.
fn wait_for_alerts(log: &Path, count: usize) -> Result<()> {
    wait_until(&format!("{count} alerts are in the log"), || -> Result<()> {
        let there = fs::read_to_string(log)?.matches(ALERT).count();
        ensure!(there >= count, "there are {there}");
        Ok(())
    })
}

/// So many alerts, and all of them in the log.
fn traffic(lab: &Lab, count: u32) -> Result<()> {
    let before = fs::read_to_string(lab.log())?.matches(ALERT).count();
    run_flows(&lab.wire, 0..count)?;
    wait_for_alerts(&lab.log(), before + usize::try_from(count)?)
}

fn incidents(log: &Path, what: &str) -> Result<Vec<Value>> {
    let text = fs::read_to_string(log)?;
    let all = events(&text.lines().collect::<Vec<_>>())?;
    Ok(all.into_iter().filter(|event| event["integrity"]["what"] == what).collect())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_log_under_traffic_verifies_and_an_edited_byte_is_named() -> Result<()> {
    let lab = Lab::new()?;
    let daemon = lab.start()?;
    traffic(&lab, 2000)?;
    let pid = daemon.process().pid();
    daemon.process().signal(Signal::SIGTERM)?;
    let (ended, _folder) = daemon.wait()?;
    let printed = ended.expect(0)?.stdout;

    let verified = lab.verify(&[])?.expect(0)?.stdout;
    assert!(verified.contains(": as it was written; checker/"), "{verified}");
    assert!(!verified.contains("no stop record"), "{verified}");
    let lines = fs::read_to_string(lab.log())?;
    EVE.check_lines(&lines)?;
    let key = fs::metadata(lab.folder.folder().join("state/log.key"))?.permissions().mode();
    assert_eq!(key & 0o777, 0o400);

    // Who stopped it, and what it was.
    let stopped = incidents(&lab.log(), "stopped")?;
    let by = &stopped[0]["integrity"]["by"];
    assert_eq!((&stopped[0]["integrity"]["reason"], &by["uid"]), (&"SIGTERM".into(), &0.into()));
    assert_eq!(by["pid"], std::process::id());
    assert_eq!(incidents(&lab.log(), "started")?[0]["integrity"]["pid"], pid);
    let attached = incidents(&lab.log(), "attached")?.remove(0)["integrity"].take();
    assert_eq!((&attached["interface"], &attached["mode"]), (&NEAR.into(), &"native".into()));
    let beat = incidents(&lab.log(), "heartbeat")?.pop().context("no heartbeat")?;
    assert_eq!(beat["integrity"]["counters"]["matched"], 2000);
    assert_eq!(beat["integrity"]["hooks"][0]["tag"], attached["tag"]);

    // Every checkpoint left the log through standard output too, the last one as well.
    let sealed = |text: &str| {
        text.lines().filter(|line| line.contains("\"checkpoint\"")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(sealed(&printed), sealed(&lines));
    let anchor = lab.folder.write("anchor.json", &printed)?;
    let anchor = anchor.to_str().context("no UTF-8")?;
    lab.verify(&["--anchor", anchor])?.expect(0)?;

    // One byte of one alert.
    let line = lines.lines().position(|line| line.contains("\"seq\":1000,")).context("no such alert")?;
    let edited = lines.replacen("\"seq\":1000,", "\"seq\":1001,", 1);
    fs::write(lab.log(), edited)?;
    let named = lab.verify(&[])?.expect(1)?.stdout;
    let sentence = format!("sealed.json:{}: this record was edited\n", line + 1);
    assert!(named.contains(&sentence), "{named}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_daemon_that_was_killed_under_traffic_is_named_and_its_log_goes_on() -> Result<()> {
    let lab = Lab::new()?;
    let daemon = lab.start()?;
    traffic(&lab, 500)?;
    run_flows(&lab.wire, 500..1000)?;
    daemon.process().signal(Signal::SIGKILL)?;
    let (ended, _folder) = daemon.wait()?;
    assert_eq!(ended.signal(), Some(9));
    // As it lies there.
    let before = lab.verify(&[])?.expect(0)?.stdout;
    assert!(before.contains("note: no stop record at the end"), "{before}");
    let there = fs::read(lab.log())?;
    let whole = there.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);

    let daemon = lab.start()?;
    traffic(&lab, 600)?;
    daemon.stop()?.expect(0)?;
    let after = fs::read(lab.log())?;
    assert!(after.starts_with(&there[..whole]), "no whole record was lost");
    let named = lab.verify(&[])?.expect(1)?.stdout;
    let findings: Vec<_> = named.lines().filter(|line| line.contains("sealed.json:")).collect();
    assert!(findings[0].contains("checker was started again without a stop record"), "{named}");
    assert!(findings[1].contains("NOT as it was written") && findings.len() == 2, "{named}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn changes_are_in_it_with_who_asked() -> Result<()> {
    let lab = Lab::new()?;
    let daemon = lab.start()?;
    daemon.lists.write("two.txt", "192.0.2.0/24\n")?;
    daemon.call("load", &["TWO=two.txt"])?.expect(0)?;
    daemon.process().signal(Signal::SIGHUP)?;
    wait_until("the lists are read again", || -> Result<()> {
        let changed = incidents(&lab.log(), "lists_changed")?.len();
        ensure!(changed == 2, "{changed} changes");
        Ok(())
    })?;
    daemon.call("detach", &[])?.expect(0)?;
    daemon.wait()?.0.expect(0)?;
    let changes = incidents(&lab.log(), "lists_changed")?;
    assert_eq!(changes[0]["integrity"]["command"], "load");
    assert_eq!(changes[0]["integrity"]["by"]["uid"], 0);
    assert_eq!(changes[0]["integrity"]["lists"][1]["label"], "TWO");
    assert_eq!(changes[1]["integrity"]["command"], "SIGHUP");
    let detached = incidents(&lab.log(), "detached")?;
    assert_eq!(detached[0]["integrity"]["interfaces"][0], NEAR);
    assert!(detached[0]["integrity"]["by"]["pid"].as_u64() > Some(1));
    let stopped = incidents(&lab.log(), "stopped")?;
    assert_eq!(stopped[0]["integrity"]["reason"], "no interface is left to watch");
    lab.verify(&[])?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_log_that_was_moved_or_altered_is_followed_by_a_new_one_that_says_so() -> Result<()> {
    let lab = Lab::new()?;
    let daemon = lab.start()?;
    traffic(&lab, 10)?;
    let moved = lab.folder.folder().join("old.json");
    fs::rename(lab.log(), &moved)?;
    fs::rename(tree(&lab.log()), tree(&moved))?;
    wait_until("there is a new log", || if lab.log().exists() { Ok(()) } else { Err("there is none") })?;
    daemon.stop()?.expect(0)?;
    Call::new(["log", "verify", moved.to_str().context("no UTF-8")?]).run()?.expect(0)?;
    lab.verify(&[])?.expect(0)?;
    let opened = incidents(&lab.log(), "log_opened")?;
    assert_eq!(opened[0]["integrity"]["reason"], "the log before was moved or removed");
    assert!(opened[0]["integrity"]["last"]["size"].as_u64() > Some(10));

    // The first record, and no tree.
    let altered = fs::read_to_string(lab.log())?.replacen("\"records\":0", "\"records\":1", 1);
    fs::write(lab.log(), altered)?;
    fs::remove_file(tree(&lab.log()))?;
    let daemon = lab.start()?;
    daemon.process().wait_for_stderr("that it is not gone on with", |line| {
        line.contains("is not gone on with: its records are not those that its last checkpoint signs")
            .then_some(())
    })?;
    let refused = lab.plan()?.refused()?.expect(2)?;
    assert!(refused.stderr.contains("another process writes the sealed log"), "{}", refused.stderr);
    daemon.stop()?.expect(0)?;
    lab.verify(&[])?.expect(0)?;
    Ok(())
}

fn tree(log: &Path) -> PathBuf {
    let mut tree = log.as_os_str().to_owned();
    tree.push(".tree");
    tree.into()
}
