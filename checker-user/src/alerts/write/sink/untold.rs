//! Losses that a stream does not tell of yet. It tells of them where they happened, with the next event that gets through.

use std::sync::Arc;

use jiff::Timestamp;

use crate::alerts::{
    event::{Event, Loss, LossType, Lost, Place},
    moment::Moment,
};

/// Packets by place.
#[derive(Debug, Default)]
pub(super) struct Untold(Vec<(Place, u64)>);

impl Untold {
    pub(super) fn add(&mut self, place: Place, packets: u64) {
        if packets == 0 {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == place) {
            Some((_, count)) => *count += packets,
            None => self.0.push((place, packets)),
        }
    }

    /// A record of losses got lost itself.
    pub(super) fn add_again(&mut self, event: &Event) {
        if let Event::Loss(loss) = event {
            self.add(loss.loss.place, loss.loss.count);
        }
    }

    /// Tells of each place, for as long as `tell` takes the event.
    pub(super) fn tell(&mut self, mut tell: impl FnMut(Arc<Event>) -> bool) {
        while let Some(&(place, count)) = self.0.last() {
            let loss = Lost { place, label: None, count };
            let timestamp = Moment(Timestamp::now());
            if !tell(Arc::new(Event::Loss(Loss { timestamp, event_type: LossType::Loss, loss }))) {
                return;
            }
            self.0.pop();
        }
    }
}
