//! Silence is not proof: looks for the canary at the start, after each change of lists, and every so often.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use anyhow::bail;
use aya::Ebpf;
use tracing::{info, warn};

use super::{commands::Commands, estate::books::keep_looks, loader::Loader, pace::ticks, watch::Watch};
use crate::{
    alerts::{incident::Incident, moment::Moment},
    control::status::{CanaryState, CanaryStatus},
    datapath::{
        canary::{self, Found},
        counters::Counters,
    },
    ranges::canary::Canary,
};

/// The look before anything is attached to.
///
/// # Errors
///
/// When a program does not find the canary: it would miss what it is to watch for.
pub(super) fn first(ebpf: &Ebpf, counters: &Counters, canary: Canary) -> anyhow::Result<CanaryStatus> {
    let found = canary::look(ebpf, counters, canary);
    if let Found::Missed(reason) = &found {
        bail!("{reason}, which the loader put into its tables; it would miss other addresses too");
    }
    let none = CanaryStatus {
        state: CanaryState::Absent,
        reason: None,
        at: Moment(jiff::Timestamp::now()),
        looks: 0,
        failures: 0,
    };
    let status = after(&none, found);
    if let Some(reason) = &status.reason {
        warn!("the canary: {reason}");
    }
    Ok(status)
}

/// Looks every so often, until the task is dropped.
pub(super) async fn keep_looking(commands: Arc<Commands>, every: Duration) {
    let mut ticks = ticks(every);
    loop {
        ticks.tick().await;
        look(&commands).await;
    }
}

/// Looks once, and tells when it is no longer, or again, found.
pub(super) async fn look(commands: &Arc<Commands>) {
    let Some(found) = find(commands).await else { return };
    let (before, now) = {
        let mut status = commands.canary.lock().unwrap_or_else(PoisonError::into_inner);
        let before = status.state;
        *status = after(&status, found);
        (before, status.clone())
    };
    let generation = commands.records.active().map_or(0, |active| active.number);
    let incident = match (before.failed(), now.state.failed()) {
        (false, true) => {
            let reason = now.reason.unwrap_or_default();
            warn!("the canary: {reason}; until it is found again, silence is no proof of anything");
            Incident::CanaryFailed { reason, generation }
        }
        (true, false) => {
            info!("the canary is found again");
            Incident::CanaryRecovered { generation }
        }
        (false, false) | (true, true) => return,
    };
    // An error says only that the daemon is at its end.
    let _untold = commands.incidents.send(incident);
}

/// The look itself; `None` when the daemon ends. Where the loader is free it takes less time than handing it to another
/// thread; a list that is being loaded is waited for on one.
async fn find(commands: &Arc<Commands>) -> Option<Found> {
    {
        let watch = commands.watch.lock().await;
        if let Ok(loader) = commands.loader.try_lock() {
            return Some(find_with(commands, &watch, &loader));
        }
    }
    let this = Arc::clone(commands);
    let looked = tokio::task::spawn_blocking(move || {
        let loader = this.loader.lock().unwrap_or_else(PoisonError::into_inner);
        find_with(&this, &this.watch.blocking_lock(), &loader)
    });
    looked.await.ok()
}

/// The loader is held, so that no other generation becomes active meanwhile.
fn find_with(commands: &Commands, watch: &Watch, loader: &Loader) -> Found {
    let found = canary::look(watch.ebpf(), &commands.counters, loader.canary());
    if let Some(estate) = &commands.estate {
        keep_looks(estate, &commands.counters);
    }
    found
}

fn after(before: &CanaryStatus, found: Found) -> CanaryStatus {
    let (state, reason) = match found {
        Found::All => (CanaryState::Found, None),
        Found::Nothing => {
            let why = "no list is loaded, or the lists cover every address";
            (CanaryState::Absent, Some(why.to_owned()))
        }
        Found::Missed(reason) => (CanaryState::Missed, Some(reason)),
        Found::NotRun(reason) => (CanaryState::NotRun, Some(reason)),
    };
    CanaryStatus {
        state,
        reason,
        at: Moment(jiff::Timestamp::now()),
        looks: before.looks + 1,
        failures: before.failures + u64::from(state.failed()),
    }
}
