//! xdp-tools as an administrator uses them: a filter in libxdp's dispatcher, and what stands beside it there.

use std::{
    env, fs,
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Result, ensure};

use crate::{
    require,
    veth::{NEAR, Wire},
    wait::wait_until,
};

/// The filter has one place for its pins, whatever the namespace: one test at a time.
static ONE_FILTER: Mutex<()> = Mutex::new(());

/// `xdp-filter` on [`NEAR`], called by a dispatcher; dropping it takes off all that the dispatcher calls.
#[derive(Debug)]
pub struct Filtered<'a> {
    wire: &'a Wire,
    _alone: MutexGuard<'static, ()>,
}

impl<'a> Filtered<'a> {
    /// Loads it in a mode: `native` or `skb`. `None` where the kernel takes no programs that stand in for functions of
    /// others (`BPF_PROG_TYPE_EXT`), of which a dispatcher is made: then libxdp has no dispatcher. The guests take them,
    /// and must (`CHECKER_KINDS`).
    ///
    /// # Errors
    ///
    /// Without the tools, or what they said; in a guest, when there is no dispatcher.
    pub fn load(wire: &'a Wire, mode: &str) -> Result<Option<Self>> {
        let alone = ONE_FILTER.lock().unwrap_or_else(PoisonError::into_inner);
        let filtered = Self { wire, _alone: alone };
        wire.run("xdp-filter", &["load", "-m", mode, NEAR])?;
        if wire.dispatched()?.contains(" xdp_dispatcher ") {
            return Ok(Some(filtered));
        }
        ensure!(env::var_os("CHECKER_KINDS").is_none(), "this kernel has no dispatcher");
        refused();
        Ok(None)
    }

    /// Takes the filter off, as its user would.
    ///
    /// # Errors
    ///
    /// What it said.
    pub fn unload(&self) -> Result<()> {
        self.wire.run("xdp-filter", &["unload", NEAR]).map(drop)
    }
}

impl Drop for Filtered<'_> {
    fn drop(&mut self) {
        let _unloaded = self.wire.run("xdp-filter", &["unload", "--all"]);
        let _nothing_left = self.wire.run("xdp-loader", &["unload", NEAR, "--all"]);
        // Empty, unless others use them.
        for folder in ["xdp", "xdp-filter"] {
            let _stays = fs::remove_dir(format!("/sys/fs/bpf/{folder}"));
        }
    }
}

impl Wire {
    /// What `xdp-loader status` says of [`NEAR`].
    ///
    /// # Errors
    ///
    /// What it said.
    pub fn dispatched(&self) -> Result<String> {
        self.run("xdp-loader", &["status", NEAR])
    }

    /// Runs one of the tools in the near namespace.
    ///
    /// # Errors
    ///
    /// When it is not installed, or what it said.
    pub fn run(&self, tool: &str, words: &[&str]) -> Result<String> {
        let mut command = Command::new(require::tool(tool)?);
        command.args(words);
        // There is one of each at a time, and a second one does not wait.
        let (printed, good) = wait_until(&format!("no other {tool} is at work"), || {
            let output = self.near.enter(|| command.output()).map_err(|error| format!("{error:#}"))?;
            let output = output.map_err(|error| format!("cannot start {tool}: {error}"))?;
            let printed = [output.stdout, output.stderr].concat();
            let printed = String::from_utf8_lossy(&printed).into_owned();
            let good = output.status.success();
            if !good && printed.contains("lock") { Err(printed) } else { Ok((printed, good)) }
        })?;
        ensure!(good, "`{tool} {}`: {printed}", words.join(" "));
        Ok(printed)
    }
}

#[expect(clippy::print_stderr, reason = "a test that cannot look has nobody else to tell")]
fn refused() {
    eprintln!("not tested: this kernel refuses BPF_PROG_TYPE_EXT, so libxdp makes no dispatcher");
}
