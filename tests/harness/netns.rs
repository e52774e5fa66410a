//! Network namespaces of a test's own. Only the network namespace is entered: `ip netns exec` would also mount a
//! fresh `/sys`, and then pins in `/sys/fs/bpf` do not meet.

use std::{
    env,
    fs::{self, File},
    io,
    path::PathBuf,
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    thread,
};

use anyhow::{Context as _, Result, ensure};
use nix::sched::{CloneFlags, setns};

use crate::require;

/// Tells apart the namespaces of one process; its pid tells apart those of several.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A network namespace; dropping it deletes it, and with it every interface in it.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// Makes one, with `role` in its name.
    ///
    /// # Errors
    ///
    /// Without root, or what `ip` said.
    pub fn new(role: &str) -> Result<Self> {
        require::root()?;
        let name = format!("checker-{}-{}-{role}", process::id(), NEXT.fetch_add(1, Relaxed));
        run("ip", &["netns", "add", &name])?;
        let namespace = Self { name };
        // Duplicate address detection, router and multicast chatter: frames that no test sent and no test can count.
        namespace.enter(|| {
            for scope in ["default", "all"] {
                match fs::write(format!("/proc/sys/net/ipv6/conf/{scope}/disable_ipv6"), "1") {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    // A kernel without IPv6 is quiet anyway.
                    Ok(()) | Err(_) => {}
                }
            }
            Ok(())
        })??;
        Ok(namespace)
    }

    /// Its name, as `ip netns` shows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file that stands for it.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        PathBuf::from("/run/netns").join(&self.name)
    }

    /// Runs `job` inside, on a thread of its own. Sockets and processes that it makes stay inside.
    ///
    /// # Errors
    ///
    /// When the namespace cannot be entered.
    pub fn enter<T: Send>(&self, job: impl FnOnce() -> T + Send) -> Result<T> {
        let file = File::open(self.path()).with_context(|| format!("namespace {} is gone", self.name))?;
        let inside = || {
            setns(&file, CloneFlags::CLONE_NEWNET).with_context(|| format!("cannot enter {}", self.name))?;
            Ok(job())
        };
        thread::scope(|scope| match scope.spawn(inside).join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }

    /// Runs `ip` on it.
    ///
    /// # Errors
    ///
    /// What `ip` said.
    pub fn ip(&self, words: &str) -> Result<String> {
        self.call("ip", words)
    }

    /// Whether the kernel can make interfaces of a kind, other than on one that is there already; said where it cannot.
    /// The guests can make all of them, and must (`CHECKER_KINDS`).
    ///
    /// # Errors
    ///
    /// In a guest, when it cannot.
    pub fn can_make(&self, kind: &str) -> Result<bool> {
        let refused = match kind {
            "vlan" => self.ip("link add link lo name kind0 type vlan id 1"),
            "macvlan" => self.ip("link add link lo name kind0 type macvlan"),
            _ => self.ip(&format!("link add kind0 type {kind}")),
        };
        let unknown = refused.as_ref().is_err_and(|error| error.to_string().contains("Unknown device type"));
        if unknown {
            ensure!(env::var_os("CHECKER_KINDS").is_none(), "this kernel makes no {kind}");
            complain(&anyhow::anyhow!("not tested: this kernel makes no interfaces of kind {kind}"));
            return Ok(false);
        }
        if refused.is_ok() {
            self.ip("link del kind0")?;
        }
        Ok(true)
    }

    /// Runs `tc` on it.
    ///
    /// # Errors
    ///
    /// What `tc` said.
    pub fn tc(&self, words: &str) -> Result<String> {
        self.call("tc", words)
    }

    fn call(&self, tool: &str, words: &str) -> Result<String> {
        let words: Vec<_> = ["-n", &self.name].into_iter().chain(words.split(' ')).collect();
        run(tool, &words)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Err(error) = run("ip", &["netns", "del", &self.name]) {
            complain(&error.context("left behind"));
        }
    }
}

fn run(tool: &str, words: &[&str]) -> Result<String> {
    let output = Command::new(tool).args(words).output();
    let output = output.with_context(|| format!("cannot start {tool} (package iproute2)"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{tool} {}`: {}", words.join(" "), said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[expect(
    clippy::print_stderr,
    reason = "a guard that cannot clean up has nobody else to tell, nor has a test that cannot look"
)]
fn complain(error: &anyhow::Error) {
    eprintln!("{error:#}");
}
