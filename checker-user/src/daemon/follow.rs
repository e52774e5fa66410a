//! Reads the lists again when their files change, without being asked.

use std::{io, sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::commands::Commands;
use crate::{printable::printable, ranges::watch::FileWatch};

/// So long nothing may happen to the files before they are read: a download of several files is one change.
const QUIET: Duration = Duration::from_millis(500);

/// So long a change waits for quiet at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// Follows the files of whatever is loaded, until the task is dropped.
pub(super) async fn follow(commands: Arc<Commands>) {
    if let Err(error) = changes(&commands).await {
        warn!(
            "the files of the lists are no longer watched: {error}; SIGHUP or checker reload reads them again"
        );
    }
}

async fn changes(commands: &Arc<Commands>) -> io::Result<()> {
    let mut watch = FileWatch::new()?;
    loop {
        let active = commands.records.active();
        let lists = active.iter().flat_map(|active| &active.compiled.lists);
        // A pipe is read once.
        let files = lists.filter(|list| list.stamp.is_some()).map(|list| &*list.spec.path);
        for (folder, error) in watch.set(files) {
            let folder = folder.to_string_lossy();
            warn!("{}: changes are not noticed: {error}", printable(&folder));
        }
        // An event is only a hint; and a file may have changed between being read and being watched.
        if !commands.files_changed().await {
            tokio::select! {
                changed = watch.changed() => changed?,
                () = commands.lists_changed.notified() => {}
            }
            continue;
        }
        quiet(&watch).await?;
        // Somebody may have asked for it meanwhile.
        if commands.files_changed().await {
            reload(commands).await;
        }
    }
}

pub(super) async fn quiet(watch: &FileWatch) -> io::Result<()> {
    let first = Instant::now();
    while first.elapsed() < PATIENCE
        && let Ok(changed) = timeout(QUIET, watch.changed()).await
    {
        changed?;
    }
    Ok(())
}

async fn reload(commands: &Arc<Commands>) {
    info!("a list's file has changed; the lists are read again");
    match commands.reread().await {
        Ok(reply) => commands.tell_reloaded("files", &reply),
        Err(error) => warn!("the last good generation stays: {error:#}"),
    }
}
