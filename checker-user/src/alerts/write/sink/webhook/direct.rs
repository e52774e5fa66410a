//! Without a spool: what the server does not take waits in the queue.

use std::{sync::Arc, time::Duration};

use super::{
    super::output::{Failure, Fate, Output},
    body::body,
    post::Poster,
};
use crate::alerts::event::Event;

/// Events of one request.
pub(super) const BATCH: usize = 500;

/// How long events wait for others to go with them.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// Posts batch by batch.
pub(in super::super) struct Direct {
    poster: Poster,
}

impl Direct {
    pub(in super::super) const fn new(poster: Poster) -> Self {
        Self { poster }
    }
}

impl Output for Direct {
    const BATCH: usize = BATCH;
    const LINGER: Duration = LINGER;

    fn write(&mut self, events: &[Arc<Event>]) -> Result<(), Failure> {
        self.poster.post(&body(events)).map_err(|refusal| Failure {
            written: 0,
            reason: refusal.reason,
            fate: if refusal.again { Fate::Kept } else { Fate::Lost },
        })
    }
}
