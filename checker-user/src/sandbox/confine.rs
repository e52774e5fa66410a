//! All three, in the order in which each is still allowed.

use std::path::PathBuf;

use anyhow::Context as _;
use tracing::{info, warn};

use super::{capabilities, files, places::Places, syscalls};

/// Confines this thread, and all that it makes from now on. There is no way back.
///
/// Gives the folders that lists may be read from; none where that is not restricted.
///
/// # Errors
///
/// What the kernel refused; the thread may be confined in part then, and is to end.
pub fn confine(places: &Places) -> anyhow::Result<Vec<PathBuf>> {
    let (kept, closed) = capabilities::wanted(places.read_again(), places.packets)?;
    for path in &closed {
        warn!(
            "{} is not readable for this user by its permissions: CAP_DAC_READ_SEARCH is kept, to read it again",
            path.display()
        );
    }
    let (landlock, restricted) = files::restrict(places)?;
    capabilities::keep(&kept).context("cannot give up capabilities")?;
    // The thread of a job that ended may take its time to be gone; it must not escape.
    seccompiler::apply_filter_all_threads(&syscalls::filter(places.packets)?)
        .context("cannot filter system calls")?;
    let mut names: Vec<_> = kept.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    let names = if names.is_empty() { "no capability".to_owned() } else { names.join(", ") };
    info!("sandbox: {names}; seccomp; {landlock}");
    Ok(if restricted { places.lists() } else { Vec::new() })
}
