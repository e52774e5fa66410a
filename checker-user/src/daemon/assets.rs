//! The records of machines change: with the lists on request, by themselves when their file does.

use std::{io, sync::Arc};

use anyhow::Context as _;
use tracing::{info, warn};

use super::{commands::Commands, follow::quiet};
use crate::{
    alerts::incident::Incident, assets::table::Table, control::protocol::Reply, ranges::watch::FileWatch,
};

impl Commands {
    /// Reads lists and records again; if either is refused, neither changes.
    pub(super) async fn reload_all(self: &Arc<Self>, force: bool) -> anyhow::Result<Reply> {
        let table = self.read_assets().await?;
        let reply = self.reload(force).await?;
        self.renew_assets(table);
        Ok(reply)
    }

    /// Reads the records beside the loop. The alert stream tells if they were refused.
    async fn read_assets(&self) -> anyhow::Result<Option<Table>> {
        let machines = Arc::clone(&self.machines);
        let read = tokio::task::spawn_blocking(move || machines.read_again()).await;
        let read = read.context("the reading thread died")?;
        if let Err(error) = &read {
            // An error says only that the daemon is at its end.
            let _untold = self.incidents.send(Incident::AssetsRefused { reason: format!("{error:#}") });
        }
        read
    }

    fn renew_assets(&self, table: Option<Table>) {
        let Some(table) = table else { return };
        let (macs, addresses) = table.addresses();
        info!("assets: {} machines by {macs} MAC and {addresses} IP addresses", table.machines);
        self.machines.renew(table);
    }
}

/// Follows the file of the records, until the task is dropped.
pub(super) async fn follow(commands: Arc<Commands>) {
    if let Err(error) = changes(&commands).await {
        warn!("the asset file is no longer watched: {error}; SIGHUP or checker reload reads it again");
    }
}

async fn changes(commands: &Arc<Commands>) -> io::Result<()> {
    let Some(path) = commands.machines.followed() else { return Ok(()) };
    let mut watch = FileWatch::new()?;
    loop {
        // Again each time: a link may lead somewhere else now.
        for (folder, error) in watch.set([path]) {
            warn!("{}: changes are not noticed: {error}", folder.display());
        }
        if !commands.machines.changed() {
            watch.changed().await?;
            continue;
        }
        quiet(&watch).await?;
        if commands.machines.changed() {
            info!("the asset file has changed; it is read again");
            match commands.read_assets().await {
                Ok(table) => commands.renew_assets(table),
                Err(error) => warn!("the last good assets stay: {error:#}"),
            }
        }
    }
}
