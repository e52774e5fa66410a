//! What a sink's thread writes to.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::alerts::event::Event;

/// One kind of sink.
pub(super) trait Output: Send + 'static {
    /// Most events that are written at once.
    const BATCH: usize;
    /// How long to wait for a batch to be full.
    const LINGER: Duration = Duration::ZERO;
    /// Whether what was written is counted as such; otherwise the output does it when that is certain.
    const COUNTS: bool = true;

    /// What is to be done first, on the sink's thread.
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Writes these events, in their order.
    fn write(&mut self, events: &[Arc<Event>]) -> Result<(), Failure>;

    /// When it wants to be looked after although no event comes.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// Looks after it: after every batch, when it is due, and when something outside has changed.
    fn look_after(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Events that were not written.
#[derive(Debug)]
pub(super) struct Failure {
    /// So many of the batch were.
    pub(super) written: usize,
    /// What went wrong: the end of a sentence.
    pub(super) reason: String,
    /// What becomes of the others.
    pub(super) fate: Fate,
}

/// What becomes of events that were not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// They are lost; the next ones are tried.
    Lost,
    /// They are kept and tried again after a while.
    Kept,
    /// They are lost, and so is everything to come: nobody can ever read it.
    Over,
}
