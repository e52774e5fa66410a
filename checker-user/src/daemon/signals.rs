//! The signals that end the daemon, and who sent them.

use std::io;

use anyhow::Context as _;
use nix::sys::{
    signal::{SigSet, Signal},
    signalfd::{SfdFlags, SignalFd},
};
use tokio::io::unix::AsyncFd;

use crate::alerts::facts::Peer;

/// SIGINT and SIGTERM.
pub(super) struct Signals(AsyncFd<SignalFd>);

/// One that came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    /// Which.
    pub(super) signal: Signal,
    /// Who sent it; `None` for the kernel, which does so for Ctrl-C.
    pub(super) sender: Option<Peer>,
}

impl Signals {
    /// Takes them from now on. Before there are other threads, which otherwise would die of them.
    pub(super) fn new() -> anyhow::Result<Self> {
        let mut signals = SigSet::empty();
        signals.add(Signal::SIGINT);
        signals.add(Signal::SIGTERM);
        signals.thread_block().context("cannot block signals")?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let descriptor = SignalFd::with_flags(&signals, flags).context("cannot take signals")?;
        // SAFETY: a SignalFd keeps its descriptor open, and the same, until it is dropped.
        let registered = unsafe { AsyncFd::register(descriptor) };
        Ok(Self(registered.context("cannot wait for signals")?))
    }

    /// The next one.
    pub(super) async fn next(&self) -> io::Result<Ending> {
        loop {
            let mut ready = self.0.readable().await?;
            let Some(info) = ready.get_inner().read_signal()? else {
                ready.clear_ready();
                continue;
            };
            let number = i32::try_from(info.ssi_signo).map_err(io::Error::other)?;
            // SI_USER and its like are not above 0; SI_KERNEL is.
            let sender =
                (info.ssi_code <= 0).then(|| Peer { uid: info.ssi_uid, pid: info.ssi_pid.cast_signed() });
            return Ok(Ending { signal: Signal::try_from(number)?, sender });
        }
    }
}
