//! Log lines of the kernel program (`--kernel-log`), handed on to the daemon's own diagnostics.

use anyhow::Context as _;
use aya::Ebpf;
use aya_log::EbpfLogger;
use tokio::io::{Interest, unix::AsyncFd};

/// Starts a task that forwards log lines until the runtime ends.
///
/// # Errors
///
/// When the object has no log ring (it is not the `--kernel-log` one).
pub fn forward(ebpf: &mut Ebpf) -> anyhow::Result<()> {
    let logger = EbpfLogger::init(ebpf).context("the object has no kernel log")?;
    // SAFETY: the logger keeps its ring's descriptor open, and the same, until it is dropped.
    let logger = unsafe { AsyncFd::register_with_interest(logger, Interest::READABLE) };
    let mut logger = logger.context("cannot poll the kernel log")?;
    tokio::spawn(async move {
        while let Ok(mut ready) = logger.readable_mut().await {
            ready.get_inner_mut().flush();
            ready.clear_ready();
        }
    });
    Ok(())
}
