//! All three, in the order in which each is still allowed.

use std::path::PathBuf;

use anyhow::Context as _;
use tracing::{info, warn};

use super::{capabilities, degree::Sandbox, files, places::Places, syscalls};

/// What came of it.
#[derive(Clone, Debug)]
pub struct Confined {
    /// Folders that lists may be read from; none where that is not restricted.
    pub readable: Vec<PathBuf>,
    /// What is left, and what restricts it.
    pub said: String,
}

impl Confined {
    /// Where nothing is given up.
    #[must_use]
    pub fn not() -> Self {
        Self { readable: Vec::new(), said: "off".to_owned() }
    }
}

/// Confines this thread, and all that it makes from now on. There is no way back.
///
/// # Errors
///
/// What the kernel refused; the thread may be confined in part then, and is to end.
pub fn confine(places: &Places, sandbox: Sandbox) -> anyhow::Result<Confined> {
    let none = sandbox == Sandbox::NoCapabilities;
    let (kept, closed) = capabilities::wanted(places.read_again(), places.packets, none)?;
    let then = if none { "it is not read again" } else { "CAP_DAC_READ_SEARCH is kept, to read it again" };
    for path in &closed {
        warn!("{} is not readable for this user by its permissions: {then}", path.display());
    }
    let (landlock, restricted) = files::restrict(places)?;
    capabilities::keep(&kept).context("cannot give up capabilities")?;
    // The thread of a job that ended may take its time to be gone; it must not escape.
    seccompiler::apply_filter_all_threads(&syscalls::filter(places.packets)?)
        .context("cannot filter system calls")?;
    let mut names: Vec<_> = kept.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    let names = if names.is_empty() { "no capability".to_owned() } else { names.join(", ") };
    let said = format!("{names}; seccomp; {landlock}");
    info!("sandbox: {said}");
    Ok(Confined { readable: if restricted { places.lists() } else { Vec::new() }, said })
}
