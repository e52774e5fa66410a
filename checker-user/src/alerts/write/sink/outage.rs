//! A sink that fails is told of once, and once when it works again; not with each event.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc::UnboundedSender;
use tracing::{info, warn};

use super::tally::Tally;
use crate::alerts::incident::Incident;

/// It works again when nothing has failed for so long: one that fails every other time is still failing.
const HOLD: Duration = Duration::from_secs(2);

/// Whether the sink works, and who is told.
#[derive(Debug)]
pub(super) struct Health {
    tally: Arc<Tally>,
    incidents: UnboundedSender<Incident>,
    outage: Option<Outage>,
}

#[derive(Debug)]
struct Outage {
    reason: String,
    /// What was lost already when it began.
    lost_before: u64,
    /// The last time that something failed.
    failed: Instant,
    /// Something has worked since.
    works: bool,
}

impl Health {
    pub(super) const fn new(tally: Arc<Tally>, incidents: UnboundedSender<Incident>) -> Self {
        Self { tally, incidents, outage: None }
    }

    /// Something failed: `reason` says what, `then` what becomes of alerts.
    pub(super) fn failed(&mut self, reason: &str, then: &str) {
        let failed = Instant::now();
        if let Some(outage) = &mut self.outage {
            (outage.failed, outage.works) = (failed, false);
            return;
        }
        let lost_before = self.tally.row().lost.total();
        self.outage = Some(Outage { reason: reason.to_owned(), lost_before, failed, works: false });
        self.tally.falls_ill(reason);
        let name = self.tally.name();
        warn!("cannot write to {name}: {reason}; {then}");
        self.report(Incident::SinkFailed { name: name.to_owned(), reason: reason.to_owned() });
    }

    /// Something worked.
    pub(super) const fn worked(&mut self) {
        if let Some(outage) = &mut self.outage {
            outage.works = true;
        }
    }

    /// When to look whether it has recovered.
    pub(super) fn due(&self) -> Option<Instant> {
        self.outage.as_ref().filter(|outage| outage.works).map(|outage| outage.failed + HOLD)
    }

    /// Looks whether it has recovered.
    pub(super) fn look(&mut self) {
        let recovered = |outage: &mut Outage| outage.works && outage.failed.elapsed() >= HOLD;
        let Some(outage) = self.outage.take_if(recovered) else { return };
        self.tally.recovers(&outage.reason);
        let lost = self.tally.row().lost.total().saturating_sub(outage.lost_before);
        let name = self.tally.name();
        info!("{name} works again; alerts of {lost} packets were lost to it");
        self.report(Incident::SinkRecovered { name: name.to_owned(), lost });
    }

    fn report(&self, incident: Incident) {
        // An error says only that the daemon is at its end.
        let _untold = self.incidents.send(incident);
    }
}
