//! A sign of life at every interval, with what the watcher was doing then: silence is not proof.

use std::{collections::BTreeMap, fs, sync::Arc, time::Duration};

use nix::time::{ClockId, clock_gettime};
use tokio::time::{MissedTickBehavior, interval};

use super::commands::Commands;
use crate::{
    alerts::{facts::Heartbeat, incident::Incident},
    control::account::Account,
};

/// Sends heartbeats until the task is dropped; the first one at once.
pub(super) async fn beat(commands: Arc<Commands>, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let beat = heartbeat(&commands, every).await;
        // An error says only that the daemon is at its end.
        let _untold = commands.incidents.send(Incident::Heartbeat(Box::new(beat)));
    }
}

/// How it is now.
pub(super) async fn heartbeat(commands: &Commands, every: Duration) -> Heartbeat {
    let hooks = commands.watch.lock().await.hooks().await;
    let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Heartbeat {
        boot_id: boot_id.trim().to_owned(),
        uptime_ms: uptime(),
        interval_s: every.as_secs(),
        generation: commands.records.active().map_or(0, |active| active.number),
        hooks,
        lists: commands.list_facts(),
        counters: commands.account().map(|account| counters(&account)).unwrap_or_default(),
    }
}

fn counters(account: &Account) -> BTreeMap<String, u64> {
    let total = &account.total;
    let outcomes = account.outcomes.iter().filter(|(_, packets)| **packets > 0);
    let named = [("seen", account.seen), ("judged", account.judged), ("matched", total.matched)];
    let named = named.into_iter().map(|(name, packets)| (name.to_owned(), packets));
    named.chain(outcomes.map(|(name, packets)| (format!("outcome_{name}"), *packets))).collect()
}

/// Milliseconds since the machine started, those in which it slept too.
fn uptime() -> u64 {
    let Ok(time) = clock_gettime(ClockId::CLOCK_BOOTTIME) else { return 0 };
    u64::try_from(time.tv_sec() * 1000 + time.tv_nsec() / 1_000_000).unwrap_or(0)
}
