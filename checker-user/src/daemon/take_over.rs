//! A daemon that runs → this one.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::control::{client, protocol::Request};

/// How long a daemon may take to end that is taken over from.
const HANDOVER: Duration = Duration::from_secs(30);

/// Has a daemon that listens there end, and leave to this one what it has pinned.
pub(super) async fn take_over(control: &Path) -> anyhow::Result<()> {
    let listens = || client::is_listening(control);
    if !listens() {
        return Ok(());
    }
    let path = control.to_owned();
    let asked = tokio::task::spawn_blocking(move || client::ask(&path, &Request::Leave));
    asked.await.context("the asking thread died")??;
    let began = Instant::now();
    while listens() {
        if began.elapsed() > HANDOVER {
            bail!("the daemon that listens on {} does not end", control.display());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
