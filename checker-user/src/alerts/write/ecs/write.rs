//! Each kind of event as a document.

use std::io;

use super::{alert, other};
use crate::alerts::{
    event::Event,
    write::{json, message, own::Told},
};

/// Writes `event` as one line.
pub(in crate::alerts::write) fn write(event: &Event, line: &mut Vec<u8>) -> io::Result<()> {
    match event {
        Event::Alert(alert) => json::write(&alert::document(alert), line),
        Event::Loss(loss) => {
            let told = Told::Loss(&loss.loss);
            json::write(
                &other::error(loss.timestamp, "checker.loss", message::of_loss(&loss.loss), told),
                line,
            )
        }
        Event::Checkpoint(event) => {
            let told = Told::Checkpoint(&event.checkpoint);
            let message = message::of_checkpoint(&event.checkpoint);
            json::write(&other::error(event.timestamp, "checker.checkpoint", message, told), line)
        }
        Event::Integrity(event) => {
            let told = Told::Integrity(&event.integrity);
            let (_, message) = message::of_incident(&event.integrity);
            json::write(&other::error(event.timestamp, "checker.integrity", message, told), line)
        }
        Event::Stats(event) => {
            let message = message::of_stats(&event.stats);
            json::write(&other::metric(event.timestamp, message, Told::Stats(&event.stats)), line)
        }
    }
}
