//! The daemon of the day, its log, and the clock that is set under it.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use harness::{
    checker::Call,
    daemon::Daemon,
    lists::Lists,
    plan::Plan,
    veth::{NEAR, Wire},
};
use jiff::Timestamp;
use nix::{
    sys::time::TimeSpec,
    time::{ClockId, clock_settime},
};

pub(crate) struct Lab {
    pub(crate) wire: Wire,
    folder: Lists,
}

impl Lab {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { wire: Wire::new()?, folder: Lists::new()? })
    }

    pub(crate) fn start(&self) -> Result<Daemon> {
        let [key, log] =
            ["log.key", "sealed.json"].map(|name| self.path(name).to_string_lossy().into_owned());
        let plan = Plan::new(&self.wire.near)?.interface(NEAR).list("ONE", "203.0.113.0/24\n")?;
        let words = ["--sealed-log", &log, "--log-key", &key, "--stats-every", "1min", "--audit", "on"];
        plan.words(&words).watching_lists().start()
    }

    /// KiB in memory.
    pub(crate) fn resident(&self, daemon: &Daemon) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", daemon.process().pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no size")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// The sealed log is as it was written.
    pub(crate) fn verify(&self) -> Result<()> {
        let ended = Call::new(["log".into(), "verify".into(), self.path("sealed.json")]).run()?.expect(0)?;
        let mut findings = ended.stdout.lines().filter(|line| !line.contains("note:"));
        let only = (findings.next(), findings.next());
        ensure!(
            matches!(only, (Some(line), None) if line.contains(": as it was written")),
            "{}",
            ended.stdout
        );
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.folder().join(name)
    }
}

pub(crate) fn set_clock(to: Timestamp) -> Result<()> {
    let time = TimeSpec::new(to.as_second(), i64::from(to.subsec_nanosecond()));
    clock_settime(ClockId::CLOCK_REALTIME, time).context("cannot set the clock")
}
