//! A program that a test started: its lines as they come, its end, and its end for certain.

use std::{
    os::unix::process::ExitStatusExt as _,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{lines::Lines, netns::Namespace, wait::wait_until};

/// A running program; dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    /// Where its program lies, for as long as it runs.
    copy: Option<TempDir>,
    /// What it wrote to standard output; nothing when that was given to it.
    pub stdout: Lines,
    /// What it wrote to standard error.
    pub stderr: Lines,
}

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Exit code or signal.
    pub status: ExitStatus,
    /// Everything it wrote to standard output.
    pub stdout: String,
    /// Everything it wrote to standard error.
    pub stderr: String,
}

impl Process {
    /// Starts `command` in `namespace`, or in the test's own. Standard error is collected, and standard output too
    /// unless `stdout` takes it.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(
        namespace: Option<&Namespace>,
        command: &mut Command,
        stdout: Option<Stdio>,
    ) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdout(stdout.unwrap_or_else(Stdio::piped)).stderr(Stdio::piped());
        let spawned = match namespace {
            // A child is in the namespace of the thread that made it.
            Some(namespace) => namespace.enter(|| command.spawn())?,
            None => command.spawn(),
        };
        let mut child = spawned.with_context(|| format!("cannot start {name}"))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        Ok(Self { child, name, copy: None, stdout: Lines::of(stdout), stderr: Lines::of(stderr) })
    }

    /// Keeps the folder that its program lies in.
    pub(crate) fn keep(&mut self, copy: Option<TempDir>) {
        self.copy = copy;
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its standard input, if that is a pipe; dropping it ends the input.
    pub const fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Sends it a signal.
    ///
    /// # Errors
    ///
    /// When it is gone.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        // Not waited for yet, so the id is still its own.
        let pid = Pid::from_raw(i32::try_from(self.child.id())?);
        kill(pid, signal).with_context(|| format!("cannot send {signal} to {}", self.name))
    }

    /// Waits for a line of standard error that `wanted` takes, and gives what it makes of it.
    ///
    /// # Errors
    ///
    /// When it ends before, or after the deadline.
    pub fn wait_for_stderr<T>(&self, what: &str, wanted: impl Fn(&str) -> Option<T>) -> Result<T> {
        let look = || {
            // In this order: what was written before the end is there when the end is.
            let ended = self.stderr.ended();
            match self.stderr.find(&wanted) {
                Some(found) => Ok(Ok(found)),
                None if ended => Ok(Err(self.stderr.text())),
                None => Err(format!("its standard error is {:?}", self.stderr.text())),
            }
        };
        let found = wait_until(&format!("{} says {what}", self.name), look)?;
        found.map_err(|said| anyhow::anyhow!("{} ended before it said {what}: {said}", self.name))
    }

    /// Waits until it has written so many lines to standard output.
    ///
    /// # Errors
    ///
    /// When it ends before, or after the deadline.
    pub fn wait_for_count(&self, count: usize) -> Result<()> {
        let printed = wait_until(&format!("{} prints {count} lines", self.name), || {
            let ended = self.stdout.ended();
            let printed = self.stdout.lock().len();
            if printed >= count || ended {
                return Ok(printed);
            }
            Err(format!("it has printed {printed}; its standard error is {:?}", self.stderr.text()))
        })?;
        ensure!(
            printed >= count,
            "{} printed {printed} lines, not {count}: {}",
            self.name,
            self.stderr.text()
        );
        Ok(())
    }

    /// The same, and gives all that it has written.
    ///
    /// # Errors
    ///
    /// As [`wait_for_count`](Self::wait_for_count).
    pub fn wait_for_lines(&self, count: usize) -> Result<Vec<String>> {
        self.wait_for_count(count)?;
        Ok(self.stdout.lock().clone())
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    ///
    /// After the deadline; then it is killed.
    pub fn wait(mut self) -> Result<Ended> {
        let status = wait_until(&format!("{} ends", self.name), || match self.child.try_wait() {
            Ok(Some(status)) => Ok(status),
            Ok(None) => Err(format!("it runs; its standard error is {:?}", self.stderr.text())),
            Err(error) => Err(error.to_string()),
        })?;
        self.stdout.join();
        self.stderr.join();
        Ok(Ended { status, stdout: self.stdout.text(), stderr: self.stderr.text() })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both are refused for a process that was waited for already; its id is not used again by these.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

impl Ended {
    /// Its exit code; `None` after a signal.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The signal that ended it.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        self.status.signal()
    }

    /// The alerts among the events that it wrote to standard output.
    ///
    /// # Errors
    ///
    /// With the line that is no event.
    pub fn alerts(&self) -> Result<Vec<Value>> {
        let events: Vec<Value> = self
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| format!("no JSON: {line:?}")))
            .collect::<Result<_>>()?;
        Ok(events.into_iter().filter(|event| event["event_type"] == "alert").collect())
    }

    /// The same, if it ended with this code.
    ///
    /// # Errors
    ///
    /// With all that it wrote, if not.
    pub fn expect(self, code: i32) -> Result<Self> {
        let Self { status, stdout, stderr } = &self;
        ensure!(
            status.code() == Some(code),
            "{status}, not exit code {code}; standard error:\n{stderr}standard output:\n{stdout}"
        );
        Ok(self)
    }
}
