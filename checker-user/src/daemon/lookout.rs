//! Looks after what is attached: twice a second, and whenever the kernel tells of a link. What changed is told, and by
//! policy put right again.
//!
//! A link that is taken off, or given another program, is told to nobody (`bpf_xdp_link_release`,
//! `bpf_xdp_link_update`, `net/core/dev.c`); so the kernel is asked. Of interfaces it tells (rtnetlink(7)), and a link
//! that is down for a moment only is told of as well.

use std::sync::Arc;

use futures_util::StreamExt as _;
use rtnetlink::{MulticastGroup, new_multicast_connection};
use tokio::task::JoinSet;
use tracing::{info, warn};

use super::{
    commands::Commands,
    pace::{LOOK, ticks},
    watch::Looked,
};
use crate::{
    alerts::{incident::Incident, write::incident_sentence},
    datapath::interface,
};

/// Looks until the task is dropped. With `reattach`, what was taken off is put on again.
pub(super) async fn look_after(commands: Arc<Commands>, reattach: bool) {
    // It ends with this task: otherwise it would complain that nobody hears what it is told.
    let mut connection = JoinSet::new();
    let mut told = match new_multicast_connection(&[MulticastGroup::Link]) {
        Ok((listening, _, told)) => {
            connection.spawn(listening);
            told.boxed()
        }
        Err(error) => {
            warn!("the kernel does not tell of links: {error}; it is asked twice a second");
            futures_util::stream::pending().boxed()
        }
    };
    let mut ticks = ticks(LOOK);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            message = told.next() => {
                let Some((message, _)) = message else {
                    told = futures_util::stream::pending().boxed();
                    continue;
                };
                let Some(link) = interface::told(&message) else { continue };
                let news = commands.watch.lock().await.hear(&link);
                news.into_iter().for_each(|incident| tell(&commands, incident));
            }
        }
        let Looked { news, attached } = commands.watch.lock().await.look(&commands.records, reattach).await;
        news.into_iter().for_each(|incident| tell(&commands, incident));
        for (name, index, hooks) in attached {
            commands.listening.again(&name, index, &commands.machines, &commands.incidents);
            hooks.into_iter().for_each(|hook| tell(&commands, Incident::Attached(hook)));
        }
    }
}

fn tell(commands: &Commands, incident: Incident) {
    if !incident.is_routine() {
        let sentence = incident_sentence(&incident);
        if incident.is_good() { info!("{sentence}") } else { warn!("{sentence}") }
    }
    // An error says only that the daemon is at its end.
    let _untold = commands.incidents.send(incident);
}
