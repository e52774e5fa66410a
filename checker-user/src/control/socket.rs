//! The socket file: made with a tight mode, taken over when stale, never stolen from a living daemon.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, FileTypeExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use nix::sys::stat::{Mode, umask};
use tokio::net::{UnixListener, UnixStream};

/// A listening socket; dropping it removes the file.
#[derive(Debug)]
pub struct Socket {
    /// Accepts clients.
    pub listener: UnixListener,
    path: PathBuf,
}

/// Listens at `path`: mode 0660, its folder made with mode 0750 where it is missing.
///
/// # Errors
///
/// One sentence: another daemon answers there, something else lies there, or what the system said.
pub async fn listen(path: &Path) -> anyhow::Result<Socket> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o750)
            .create(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
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
    Ok(Socket { listener, path: path.to_owned() })
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("cannot remove {}: {error}", self.path.display());
        }
    }
}
