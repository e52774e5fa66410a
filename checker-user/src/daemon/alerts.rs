//! Records and flows → events → stream and output.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use checker_common::{
    alert::{AlertRecord, Undecodable},
    flow::{FlowKey, FlowValue},
};
use tokio::sync::mpsc::UnboundedReceiver;
use tracing::warn;

use super::{commands::Commands, flows::Flows, limit::Limit, sweep::Snapshot};
use crate::{
    alerts::{
        describe::{Clock, Share, describe},
        event::{Counts, Event, Integrity, IntegrityType, Loss, LossType, Lost, Place, Stats, StatsType},
        incident::Incident,
        moment::Moment,
        write::sink::sinks::Sinks,
    },
    ranges::{action::Action, label::Label},
};

/// The one place where events come from.
pub(super) struct Alerts {
    commands: Arc<Commands>,
    pub(super) sinks: Sinks,
    /// What was told of each flow.
    pub(super) flows: Flows,
    limit: Limit,
    /// Number of the last alert.
    seq: u64,
    /// Records that were taken out of the ring.
    drained: u64,
    /// The clocks when they were read last.
    clock: Option<Clock>,
    /// Losses of each class that the stream tells of already.
    told: HashMap<(u32, Place), u64>,
    /// Whether the stream tells of the watcher's life as it should be.
    audit: bool,
}

impl Alerts {
    pub(super) fn new(commands: Arc<Commands>, sinks: Sinks, limit: Limit, audit: bool) -> Self {
        let (flows, told) = (Flows::default(), HashMap::new());
        let audit = audit || sinks.is_sealed();
        Self { commands, sinks, flows, limit, seq: 0, drained: 0, clock: None, told, audit }
    }

    /// Both clocks. The stream tells when the time of day was set: its times are no measure across that.
    pub(super) fn clock(&mut self) -> Option<Clock> {
        let clock = Clock::read().ok()?;
        if let Some(step) = self.clock.as_ref().and_then(|before| clock.step_since(before)) {
            let seconds = step.as_secs_f64();
            warn!("the time of day was set by {seconds:+.3} s; alerts are dated by the clock as it is now");
            self.report(Incident::ClockStepped { seconds });
        }
        let clock = self.clock.as_ref().map_or(clock, |before| clock.steadied(before));
        self.clock = Some(clock);
        self.clock
    }

    /// What came out of the ring.
    pub(super) fn handle(&mut self, batch: &mut Vec<Result<AlertRecord, Undecodable>>) {
        let Some(clock) = self.clock() else { return };
        for record in batch.drain(..) {
            self.drained += 1;
            match record {
                Ok(record) if record.is_folded() => {
                    let key = record.flow();
                    if let Some(share) = self.flows.first(key, &record) {
                        self.commands.ledger.take(key.class(), share.packets);
                        self.alert(&record, share, &clock);
                    }
                }
                Ok(record) => {
                    self.commands.ledger.stand_alone(record.flow().class(), 1);
                    self.alert(&record, Share::one(&record), &clock);
                }
                Err(why) => self.malformed(why),
            }
        }
    }

    /// What a sweep found.
    pub(super) fn flow(&mut self, key: FlowKey, value: &FlowValue, clock: &Clock) {
        if let Some(share) = self.flows.swept(key, value) {
            self.commands.ledger.take(key.class(), share.packets);
            self.alert(&value.record, share, clock);
        }
    }

    fn alert(&mut self, record: &AlertRecord, share: Share, clock: &Clock) {
        let class = record.circumstances().class;
        if !self.limit.admits(class, clock.monotonic()) {
            return self.commands.ledger.suppress(class, share.packets);
        }
        let described = describe(record, share, self.seq + 1, clock, &*self.commands.records.lock());
        if let Some(mut alert) = described {
            self.seq += 1;
            self.commands.machines.identify(&mut alert);
            self.publish(Event::Alert(Box::new(alert)));
        } else {
            self.malformed(Undecodable::Content);
        }
    }

    /// Said once for each reason; counted, and told in the stream, every time.
    fn malformed(&mut self, why: Undecodable) {
        if self.commands.malformed.fetch_add(1, Relaxed) == 0 {
            warn!("{}", sentence(why));
        }
        self.tell(Place::Malformed, None, 1);
    }

    /// What the kernel has counted by now: packets first, so that no record of them is missing.
    pub(super) fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (class, _) in self.classes() {
            if let Ok(account) = self.commands.counters.account(class) {
                snapshot.matched.push((class, account.matched));
            }
        }
        for (class, _) in &snapshot.matched {
            snapshot.emitted +=
                self.commands.counters.account(*class).map_or(u64::MAX / 2, |now| now.emitted);
        }
        snapshot
    }

    /// The table was gone through since `before`, and no packet was judged by a generation before `settled`. Whether the
    /// ring was read as well; if not, some things have to wait for the next sweep.
    pub(super) fn end_sweep(&mut self, before: &Snapshot, settled: u64) -> bool {
        let complete = self.drained >= before.emitted;
        if complete {
            let Commands { ledger, counters, .. } = &*self.commands;
            for (class, matched) in &before.matched {
                if let Ok(now) = counters.account(*class) {
                    let elsewhere = ledger.taken(*class) + ledger.alone(*class) + now.ring_full;
                    ledger.evict(*class, matched.saturating_sub(elsewhere));
                }
            }
            self.flows.forget_unseen();
            self.commands.records.forget_before(settled);
        }
        self.tell_losses();
        complete
    }

    /// Tells what was lost, or held back, since it was told last.
    fn tell_losses(&mut self) {
        for (class, label) in self.classes() {
            let Ok(kernel) = self.commands.counters.account(class) else { continue };
            let ledger = &self.commands.ledger;
            let losses = [
                (Place::RingFull, kernel.ring_full),
                (Place::FlowEvicted, ledger.evicted(class)),
                (Place::Suppressed, ledger.suppressed(class)),
            ];
            for (place, now) in losses {
                let told = self.told.entry((class, place)).or_default();
                let fresh = now - *told;
                if fresh > 0 {
                    *told = now;
                    self.tell(place, Some(label.clone()), fresh);
                }
            }
        }
    }

    /// Losses of a class that the stream tells of.
    pub(super) fn told_of(&self, class: u32) -> Vec<(Place, u64)> {
        let of_class = self.told.iter().filter(|((of, _), _)| *of == class);
        of_class.map(|((_, place), packets)| (*place, *packets)).collect()
    }

    /// A daemon before told of these.
    pub(super) fn remember(&mut self, class: u32, told: &[(Place, u64)]) {
        self.told.extend(told.iter().map(|(place, packets)| ((class, *place), *packets)));
    }

    /// So many records were taken out of the ring before.
    pub(super) const fn go_on_from(&mut self, drained: u64) {
        self.drained = drained;
    }

    /// Classes that are reported.
    fn classes(&self) -> Vec<(u32, Label)> {
        let known = self.commands.records.lock();
        let reported = known.classes.iter().filter(|(_, class)| class.action != Action::Allow);
        reported.map(|(id, class)| (id, class.label.clone())).collect()
    }

    /// The account as a record of the stream.
    pub(super) fn stats(&mut self) {
        let timestamp = Moment(jiff::Timestamp::now());
        let Ok(account) = self.commands.account() else { return };
        let uptime = timestamp.0.duration_since(self.commands.started.0).as_secs();
        let stats = Counts { uptime: u64::try_from(uptime).unwrap_or_default(), account };
        self.publish(Event::Stats(Box::new(Stats { timestamp, event_type: StatsType::Stats, stats })));
    }

    fn tell(&mut self, place: Place, label: Option<Label>, count: u64) {
        let loss = Lost { place, label, count };
        let timestamp = Moment(jiff::Timestamp::now());
        self.publish(Event::Loss(Loss { timestamp, event_type: LossType::Loss, loss }));
    }

    /// That it watches, and what.
    pub(super) async fn tell_start(&mut self, generation: u64) {
        let (version, lists) = (env!("CARGO_PKG_VERSION").to_owned(), self.commands.list_facts());
        self.report(Incident::Started { version, pid: std::process::id(), generation, lists });
        let hooks = self.commands.watch.lock().await.hooks().await;
        hooks.into_iter().for_each(|hook| self.report(Incident::Attached(hook)));
    }

    /// Lets each sink write what it has. The sealed log ends first: its last checkpoint is for all others.
    pub(super) async fn finish(&mut self, sealed: &mut UnboundedReceiver<Event>, patience: Duration) {
        // Its disk may be slow, and it has to wait for it.
        self.sinks.finish_sealed(10 * patience).await;
        while let Ok(event) = sealed.try_recv() {
            self.publish(event);
        }
        self.sinks.finish(patience).await;
    }

    pub(super) fn report(&mut self, incident: Incident) {
        if incident.is_routine() && !self.audit {
            return;
        }
        let timestamp = Moment(jiff::Timestamp::now());
        let event_type = IntegrityType::Integrity;
        self.publish(Event::Integrity(Integrity { timestamp, event_type, integrity: incident }));
    }

    pub(super) fn publish(&mut self, event: Event) {
        let event = Arc::new(event);
        self.sinks.send(&event);
        self.commands.stream.publish(&event);
    }
}

fn sentence(why: Undecodable) -> String {
    let why = match why {
        Undecodable::Length(bytes) => format!("it has {bytes} bytes"),
        Undecodable::Version(version) => {
            let own = checker_common::abi::VERSION;
            format!(
                "it is of version {version}, and this is version {own}: the kernel program is another checker's"
            )
        }
        Undecodable::Content => "its fields make no sense".to_owned(),
    };
    format!("an alert record is not understood: {why}; such records are counted as lost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_not_understood_is_explained() {
        let newer = sentence(Undecodable::Version(checker_common::abi::VERSION + 1));
        assert!(
            newer.contains("the kernel program is another checker's; such records are counted"),
            "{newer}"
        );
    }
}
