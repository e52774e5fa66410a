//! `kill -9` at any moment, under traffic: while it starts, while it watches, while it writes.

use std::{
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use harness::{
    checker::Call,
    frame::Frame,
    lists::Lists,
    plan::Plan,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;

use crate::ONE;

const KILLS: u32 = 200;

/// One of each that the daemons write, and what outlives them.
struct Lab {
    wire: Wire,
    folder: Lists,
}

impl Lab {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.folder().join(name)
    }

    fn plan(&self) -> Result<Plan<'_>> {
        let [sealed, key, log] = ["sealed.json", "log.key", "eve.json"].map(|name| self.path(name));
        let words =
            ["--sealed-log".into(), sealed, "--log-key".into(), key, "--seal-every".into(), "1".into()];
        let words = words.into_iter().chain(["--log".into(), log]);
        let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        let plan = Plan::new(&self.wire.near)?.interface(NEAR).list("ONE", ONE)?;
        Ok(plan.words(&words.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// Starts a daemon and kills it, in half of the cases before it watches.
    fn kill_one(&self, random: &mut Rng) -> Result<Vec<String>> {
        let daemon = self.plan()?.begin()?;
        if random.bool() {
            daemon
                .process()
                .wait_for_stderr("that it watches", |line| line.contains("watching with").then_some(()))?;
        }
        thread::sleep(Duration::from_micros(random.u64(0..100_000)));
        daemon.process().signal(Signal::SIGKILL)?;
        let (ended, _folder) = daemon.wait()?;
        ensure!(ended.signal() == Some(libc::SIGKILL), "it ended by itself: {}", ended.stderr);
        wait_until("nothing is on the interface", || -> Result<()> {
            let program = self.wire.xdp_program(NEAR)?;
            ensure!(program.is_none(), "there is {program:?}");
            Ok(())
        })?;
        let checkpoints =
            ended.stdout.lines().filter(|line| line.contains("\"checkpoint\"") && line.ends_with('}'));
        Ok(checkpoints.map(str::to_owned).collect())
    }

    /// Nothing is wrong with the log but that daemons were killed, and each checkpoint that left it is in it.
    fn verify(&self) -> Result<()> {
        let [sealed, anchors] = ["sealed.json", "anchors.json"].map(|name| self.path(name));
        let words = ["log".into(), "verify".into(), sealed];
        let anchored = anchors.exists().then(|| ["--anchor".into(), anchors]).into_iter().flatten();
        let ended = Call::new(words.into_iter().chain(anchored)).run()?;
        ensure!(ended.code().is_some_and(|code| code < 2), "{}{}", ended.stdout, ended.stderr);
        let findings = ended.stdout.lines().filter(|line| line.contains("sealed.json:"));
        for finding in findings {
            let expected = ["without a stop record", "NOT as it was written", "as it was written"];
            ensure!(expected.iter().any(|part| finding.contains(part)), "{}", ended.stdout);
        }
        Ok(())
    }
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_daemon_that_is_killed_at_any_moment_leaves_logs_that_go_on_and_no_program() -> Result<()> {
    let lab = Lab { wire: Wire::new()?, folder: Lists::new()? };
    let done = AtomicBool::new(false);
    thread::scope(|scope| -> Result<()> {
        let traffic = scope.spawn(|| traffic(&lab.wire, &done));
        let killed = kill_many(&lab);
        done.store(true, Relaxed);
        killed?;
        traffic.join().map_err(|_| anyhow::anyhow!("the sender died"))?
    })?;
    // And what comes after all that works as ever.
    let daemon = lab.plan()?.start()?;
    lab.wire.sender()?.send(&crate::restricted(), 1)?;
    daemon.wait_until_seen(1)?;
    daemon.stop()?.expect(0)?;
    lab.verify()
}

fn kill_many(lab: &Lab) -> Result<()> {
    let mut random = Rng::with_seed(0x0c0f_fee0);
    let mut sealed = Vec::new();
    let mut torn = 0;
    for round in 0..KILLS {
        let context = || format!("round {round}");
        let checkpoints = lab.kill_one(&mut random).with_context(context)?;
        if !checkpoints.is_empty() {
            let mut anchors = File::options().append(true).create(true).open(lab.path("anchors.json"))?;
            writeln!(anchors, "{}", checkpoints.join("\n"))?;
        }
        // Killed before it came to its log, it left none.
        let Ok(now) = fs::read(lab.path("sealed.json")) else { continue };
        ensure!(now.starts_with(&sealed), "round {round}: a record is missing");
        let whole = now.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        torn += u32::from(whole < now.len());
        sealed = now[..whole].to_vec();
        if !sealed.is_empty() {
            lab.verify().with_context(context)?;
        }
    }
    let log = fs::read_to_string(lab.path("eve.json"))?;
    let halves = log.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_err()).count();
    ensure!(halves <= KILLS as usize, "{halves} lines of the log are none");
    let alerts = log.matches("\"event_type\":\"alert\"").count();
    ensure!(alerts > 100, "{alerts} alerts, {torn} torn ends: there was no traffic");
    Ok(())
}

/// New flows all the time, and never so many that the log is what the test is about.
fn traffic(wire: &Wire, done: &AtomicBool) -> Result<()> {
    let sender = wire.sender()?;
    let mut port: u16 = 0;
    while !done.load(Relaxed) {
        for _ in 0..4 {
            port = port.wrapping_add(1);
            sender.send(&Frame::between("203.0.113.1", "198.51.100.9").udp(40_000, port).bytes(), 1)?;
        }
        thread::sleep(Duration::from_millis(4));
    }
    Ok(())
}
