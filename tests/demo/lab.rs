//! Two namespaces, lists, and a daemon whose output goes straight to the terminal.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    checker, daemon,
    leftovers::Traces,
    lists::Lists,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{say::say, script};

/// The network and the files; dropping it removes both.
pub(crate) struct Lab {
    wire: Wire,
    lists: Lists,
}

/// The daemon; dropping it kills it.
pub(crate) struct Watcher {
    child: Child,
    socket: PathBuf,
    program: u32,
    alerts: u64,
}

impl Lab {
    pub(crate) fn new() -> Result<Self> {
        let lab = Self { wire: Wire::new()?, lists: Lists::new()? };
        lab.lists.write("one.txt", script::ONE)?;
        lab.lists.write("two.txt", script::TWO)?;
        lab.lists.write("many.txt", &script::many())?;
        Ok(lab)
    }

    /// Starts the daemon and waits until it watches.
    pub(crate) fn start(&self) -> Result<Watcher> {
        let mut command = Command::new(checker::binary()?);
        command.args([
            "run",
            "-i",
            NEAR,
            "-l",
            "ONE=one.txt",
            "-l",
            "20K=many.txt",
            "--output",
            "human",
            "--control",
        ]);
        command.arg(self.socket()).current_dir(self.lists.folder());
        let mut child = self.wire.near.enter(|| command.spawn())?.context("cannot start checker")?;
        wait_until("the daemon answers", || match child.try_wait() {
            Ok(Some(status)) => Ok(Err(anyhow::anyhow!("the daemon ended: {status}"))),
            Ok(None) => {
                daemon::ask(&self.socket(), STATUS).map(|_| Ok(())).map_err(|error| format!("{error:#}"))
            }
            Err(error) => Err(error.to_string()),
        })??;
        let program = self.wire.xdp_program(NEAR)?.context("no program on the interface")?;
        Ok(Watcher { child, socket: self.socket(), program, alerts: 0 })
    }

    pub(crate) fn send(&self, frame: &[u8]) -> Result<()> {
        self.wire.sender()?.send(frame, 1)
    }

    /// Leaves the lab up until Ctrl-C, and says how to use it.
    pub(crate) fn keep(&self, interrupted: &AtomicBool) -> Result<()> {
        let (binary, socket) =
            (checker::binary()?.display().to_string(), self.socket().display().to_string());
        let folder = self.lists.folder().display();
        say("the lab stays up; from another terminal:");
        for words in [
            format!("tail --output human --control {socket}"),
            format!("load TWO={folder}/two.txt --control {socket}"),
            format!("status --control {socket}"),
        ] {
            say(&format!("    sudo {binary} {words}"));
        }
        say("203.0.113.7 (in ONE) and 192.0.2.77 (in TWO, which is not loaded yet) send every second");
        say("Ctrl-C here ends the daemon and removes the lab");
        let frames = [script::known(), script::newcomer()];
        for _ in 0..script::PATIENCE {
            if interrupted.load(SeqCst) {
                break;
            }
            for frame in &frames {
                self.send(frame)?;
            }
            thread::sleep(Duration::from_secs(1));
        }
        Ok(())
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.lists.folder().join("checker.sock")
    }

    pub(crate) fn list_two(&self) -> PathBuf {
        self.lists.folder().join("two.txt")
    }

    pub(crate) fn list_many(&self) -> PathBuf {
        self.lists.folder().join("many.txt")
    }

    /// What stands for the namespaces while they are there.
    pub(crate) fn namespaces(&self) -> [PathBuf; 2] {
        [self.wire.near.path(), self.wire.far.path()]
    }
}

const STATUS: &str = "{\"command\":\"status\"}\n";

impl Watcher {
    /// Waits until so many more alerts are printed.
    pub(crate) fn wait_for_alerts(&mut self, more: u64) -> Result<()> {
        self.alerts += more;
        wait_until(&format!("{} alerts are printed", self.alerts), || {
            let status = daemon::ask(&self.socket, STATUS).map_err(|error| format!("{error:#}"))?;
            let total = &status["content"]["account"]["total"];
            // An alert may stand for several packets.
            let told: u64 = ["emitted", "aggregated"].iter().filter_map(|part| total[*part].as_u64()).sum();
            if told >= self.alerts { Ok(()) } else { Err(format!("{told} are")) }
        })
    }

    /// Runs a client command; what it prints goes to the terminal.
    pub(crate) fn client(&self, words: &[&str]) -> Result<()> {
        let status = Command::new(checker::binary()?).args(words).arg("--control").arg(&self.socket).status();
        let status = status.context("cannot start checker")?;
        ensure!(status.success(), "checker {}: {status}", words.join(" "));
        Ok(())
    }

    /// CPU time so far, user and system, in clock ticks (fields 14 and 15, proc(5)).
    pub(crate) fn ticks(&self) -> Result<u64> {
        let stat = fs::read_to_string(Path::new("/proc").join(self.child.id().to_string()).join("stat"))?;
        let (_, fields) = stat.rsplit_once(')').context("no command name in stat")?;
        let mut fields = fields.split_whitespace().skip(11);
        let mut next =
            || fields.next().context("too few fields in stat")?.parse::<u64>().context("no number in stat");
        Ok(next()? + next()?)
    }

    pub(crate) fn traces(&self) -> Result<Traces> {
        Traces::of(self.program)
    }

    /// Ends it as Ctrl-C would.
    pub(crate) fn stop(&mut self) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.child.id())?), Signal::SIGINT)?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the daemon ended with {status}");
        Ok(())
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // One that was waited for has no process id any more, and another process may have it now.
        if matches!(self.child.try_wait(), Ok(None)) {
            // After Ctrl-C it is ending by itself, and its account is worth waiting for.
            let _ended = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGINT);
            let _ended = self.child.wait();
        }
    }
}
