//! Everything down, in an order in which nothing is lost that was counted; and the account is closed.

use std::time::Duration;

use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::{
    heartbeat::heartbeat,
    notify::Manager,
    run::{Reason, Running, Tasks},
};
use crate::{alerts::incident::Incident, control::account::Account};

/// How long the output may make no progress with what is queued when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// Most batches of records that a daemon reads at its end when the kernel goes on.
const MOST_BATCHES: usize = 64;

/// Takes the daemon down, but for what is pinned; gives the account.
///
/// # Errors
///
/// What `bpf(2)` said of the counters.
pub(super) async fn stop(running: Running, (reason, by): Reason) -> anyhow::Result<Account> {
    let Running { commands, mut alerts, mut sweep, mut keeper, mut receiver, mut batch, .. } = running;
    let Running { signals, mut incident, mut sealed, taking, estate, tasks, metrics, made, .. } = running;
    let Tasks { serving, watching, beating, others } = tasks;
    Manager::stopping();
    beating.iter().for_each(JoinHandle::abort);
    // An older heartbeat may not come behind the last one.
    while let Ok(incident) = incident.try_recv() {
        alerts.report(incident);
    }
    if let Some(every) = running.beat_every {
        alerts.report(Incident::Heartbeat(Box::new(heartbeat(&commands, every).await)));
    }
    // What is taken off now is not to be put on again.
    watching.abort();
    let _aborted = watching.await;
    let stays = commands.watch.lock().await.is_pinned();
    if !stays {
        commands.detach_all().await;
    }
    // Nothing can come any more: the ring is read to its end, the table told, the queue written, and the sum is final.
    // What is pinned goes on, and may never be quiet: then the next daemon reads the rest.
    for _ in 0..(if stays { MOST_BATCHES } else { usize::MAX }) {
        if receiver.drain(&mut batch) {
            break;
        }
        alerts.handle(&mut batch);
    }
    alerts.handle(&mut batch);
    sweep.finish(&mut alerts);
    if let Some(taking) = taking {
        taking.finish(FAREWELL);
    }
    alerts.stats();
    while let Ok(incident) = incident.try_recv() {
        alerts.report(incident);
    }
    alerts.report(Incident::Stopped { reason: reason.to_owned(), by });
    tokio::select! {
        () = alerts.finish(&mut sealed, FAREWELL) => {}
        _ = signals.next() => warn!("told to end again; what is queued is counted as lost"),
    }
    if let Some(estate) = estate {
        if stays {
            keeper.iter_mut().for_each(|keeper| keeper.write(&commands, &alerts));
            info!(
                "the kernel goes on judging; `checker run --pin` goes on with it, `checker detach` ends it"
            );
        } else {
            estate.remove();
        }
    }
    drop(metrics);
    others.iter().for_each(JoinHandle::abort);
    serving.abort();
    // Joined, so that the socket's file is gone when this returns.
    let _aborted = serving.await;
    drop(made);
    let account = commands.account()?;
    if stays { Ok(account) } else { close(account) }
}

/// What is still queued at the end was never written: its reader was too slow.
fn close(mut account: Account) -> anyhow::Result<Account> {
    let rows = account.labels.iter_mut().map(|label| &mut label.row);
    for row in rows.chain([&mut account.total]) {
        row.lost.reader_too_slow += std::mem::take(&mut row.queued);
    }
    for sink in &mut account.sinks {
        let queued = std::mem::take(&mut sink.queued);
        let lost = &mut sink.lost;
        *if sink.failing.is_some() { &mut lost.failed } else { &mut lost.too_slow } += queued;
    }
    Ok(account)
}
