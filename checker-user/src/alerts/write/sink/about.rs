//! What syslog and the journal want to be told of an event beside its details: how grave it is, of which kind, and a
//! sentence.

use crate::alerts::{alert::Verdict, event::Event, incident::Incident, write::message};

/// On syslog's scale: 2 critical, 3 error, 4 warning, 5 notice, 6 information. EVE's severity 1 is the gravest.
pub(super) fn priority(event: &Event) -> u8 {
    match event {
        Event::Alert(alert) => match alert.alert.severity {
            0 | 1 => 2,
            2 => 4,
            _ => 5,
        },
        Event::Loss(_) => 4,
        Event::Stats(_) | Event::Checkpoint(_) => 6,
        Event::Integrity(integrity) => match integrity.integrity {
            Incident::CanaryFailed { .. }
            | Incident::HookLost { .. }
            | Incident::MapChanged { .. }
            | Incident::InterfaceGone { .. }
            | Incident::ReattachFailed { .. } => 2,
            Incident::LinkDown { .. }
            | Incident::ListsRefused { .. }
            | Incident::AssetsRefused { .. }
            | Incident::SinkFailed { .. } => 3,
            Incident::ListStale { .. }
            | Incident::Silent { .. }
            | Incident::Adopted { .. }
            | Incident::BindingChanged { .. }
            | Incident::ClockStepped { .. } => 4,
            Incident::LogOpened(_)
            | Incident::LinkUp { .. }
            | Incident::ListFresh { .. }
            | Incident::Heard { .. }
            | Incident::MapRestored { .. }
            | Incident::InterfaceRenamed { .. }
            | Incident::InterfaceReturned { .. }
            | Incident::HookRestored { .. }
            | Incident::SinkRecovered { .. }
            | Incident::CanaryRecovered { .. }
            | Incident::Started { .. }
            | Incident::Stopped { .. }
            | Incident::ListsChanged { .. }
            | Incident::Attached(_)
            | Incident::Detached { .. } => 5,
            Incident::Heartbeat(_) => 6,
        },
    }
}

/// What kind of event it is, as its `event_type` says.
pub(super) const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Alert(_) => "alert",
        Event::Loss(_) => "loss",
        Event::Stats(_) => "stats",
        Event::Integrity(_) => "integrity",
        Event::Checkpoint(_) => "checkpoint",
    }
}

/// `ALERT 203.0.113.1:40000 > 198.51.100.9:623 UDP: 203.0.113.1 lies in 203.0.113.0/24 (ONE)`.
pub(super) fn sentence(event: &Event) -> String {
    let (word, sentence) = match event {
        Event::Alert(alert) => {
            let word = match alert.alert.action {
                Verdict::Allowed => "ALERT",
                Verdict::Blocked => "DROP",
            };
            (word, message::of_alert(alert))
        }
        Event::Loss(loss) => ("LOST", message::of_loss(&loss.loss)),
        Event::Stats(stats) => ("STATS", message::of_stats(&stats.stats)),
        Event::Integrity(integrity) => message::of_incident(&integrity.integrity),
        Event::Checkpoint(event) => ("SEALED", message::of_checkpoint(&event.checkpoint)),
    };
    format!("{word} {sentence}")
}
