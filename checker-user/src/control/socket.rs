//! The socket file: made with a tight mode, taken over when stale, never stolen from a living daemon.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, chown},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use nix::sys::stat::{Mode, umask};
use tokio::net::{UnixListener, UnixStream};

use super::access::Readers;

/// A listening socket; dropping it removes the file.
#[derive(Debug)]
pub struct Socket {
    /// Accepts clients.
    pub listener: UnixListener,
    /// Who may read.
    pub readers: Readers,
    path: PathBuf,
}

/// Listens at `path`: mode 0660, its folder made with mode 0750 where it is missing; both for the group of `readers`.
///
/// # Errors
///
/// One sentence: another daemon answers there, something else lies there, or what the system said.
pub async fn listen(path: &Path, readers: Readers) -> anyhow::Result<Socket> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make(folder, readers).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    if let Ok(metadata) = fs::symlink_metadata(path) {
        if !metadata.file_type().is_socket() {
            bail!("{} exists and is not a socket; it is left alone", path.display());
        }
        match UnixStream::connect(path).await {
            Ok(_) => bail!("another checker daemon listens on {}; give this one --control", path.display()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                tracing::info!("{} was left by a daemon that is gone; taking it over", path.display());
                fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
            Err(error) => return Err(error).with_context(|| format!("cannot use {}", path.display())),
        }
    }
    // The mode is there from the first moment: a chmod after bind would leave a gap.
    let before = umask(Mode::from_bits_truncate(0o117));
    let bound = UnixListener::bind(path);
    umask(before);
    let listener = bound.with_context(|| format!("cannot listen on {}", path.display()))?;
    // From here on the file goes when this fails.
    let socket = Socket { listener, readers, path: path.to_owned() };
    hand_over(path, readers).with_context(|| format!("cannot give {} to its group", path.display()))?;
    Ok(socket)
}

/// Makes the folders that are missing. Those that are there stay as they are.
fn make(folder: &Path, readers: Readers) -> io::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    if let Some(outer) = folder.parent().filter(|outer| !outer.as_os_str().is_empty()) {
        make(outer, readers)?;
    }
    fs::DirBuilder::new().mode(0o750).create(folder)?;
    hand_over(folder, readers)
}

fn hand_over(path: &Path, readers: Readers) -> io::Result<()> {
    match readers {
        Readers::Group(group) => chown(path, None, Some(group.as_raw())).map_err(|error| {
            if error.kind() == io::ErrorKind::PermissionDenied {
                let why = "it takes CAP_CHOWN, or a user who is a member";
                return io::Error::new(error.kind(), format!("{error} ({why})"));
            }
            error
        }),
        Readers::WhoOpens => Ok(()),
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("cannot remove {}: {error}", self.path.display());
        }
    }
}
