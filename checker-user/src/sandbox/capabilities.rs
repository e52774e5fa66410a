//! Which capabilities stay, and the others go for good.

use std::{path::PathBuf, thread};

use anyhow::{Context as _, anyhow};
use caps::{CapSet, Capability, CapsHashSet};
use nix::{
    fcntl::{AT_FDCWD, AtFlags},
    unistd::{AccessFlags, faccessat},
};

/// To read and change maps, run the canary and put programs on interfaces again.
const KEPT: [Capability; 2] = [Capability::CAP_BPF, Capability::CAP_NET_ADMIN];

/// To read what its owner alone may read; kept only for lists that need it.
const SEARCH: Capability = Capability::CAP_DAC_READ_SEARCH;

/// Those that let a process pass over the permissions of files.
const OVER_PERMISSIONS: [Capability; 2] = [Capability::CAP_DAC_OVERRIDE, SEARCH];

/// Those that are to stay of what this thread has, unless `none` is, with that for `packets` sockets if there will be new
/// ones; and the files that are not read again without one more.
pub(super) fn wanted(
    read_again: &[PathBuf],
    packets: bool,
    none: bool,
) -> anyhow::Result<(CapsHashSet, Vec<PathBuf>)> {
    let held = caps::read(None, CapSet::Permitted).context("cannot read this process's capabilities")?;
    let closed = if held.contains(&SEARCH) { closed(read_again)? } else { Vec::new() };
    if none {
        return Ok((CapsHashSet::new(), closed));
    }
    let mut kept: CapsHashSet = KEPT.into_iter().filter(|capability| held.contains(capability)).collect();
    if packets && held.contains(&Capability::CAP_NET_RAW) {
        kept.insert(Capability::CAP_NET_RAW);
    }
    if !closed.is_empty() {
        kept.insert(SEARCH);
    }
    Ok((kept, closed))
}

/// The files that could not be read again by permissions alone. Asked by a thread that ends, for it gives up its own.
fn closed(files: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let ask = || -> Result<Vec<PathBuf>, caps::errors::CapsError> {
        for capability in OVER_PERMISSIONS {
            caps::drop(None, CapSet::Effective, capability)?;
        }
        let closed = |path: &&PathBuf| {
            let access = faccessat(AT_FDCWD, path.as_path(), AccessFlags::R_OK, AtFlags::AT_EACCESS);
            access == Err(nix::errno::Errno::EACCES)
        };
        Ok(files.iter().filter(closed).cloned().collect())
    };
    let asked = thread::scope(|scope| scope.spawn(ask).join());
    asked.map_err(|_| anyhow!("the asking thread died"))?.context("cannot ask without capabilities")
}

/// Leaves this thread, and all that it makes, with these and no way to others.
pub(super) fn keep(kept: &CapsHashSet) -> Result<(), caps::errors::CapsError> {
    if caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP)? {
        caps::clear(None, CapSet::Bounding)?;
    }
    caps::clear(None, CapSet::Ambient)?;
    caps::clear(None, CapSet::Inheritable)?;
    caps::set(None, CapSet::Effective, kept)?;
    caps::set(None, CapSet::Permitted, kept)
}
