//! A sink's thread: queue → batch → output, and what became of it into the counts.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Instant,
};

use tokio::sync::mpsc::UnboundedSender;

use super::{
    backoff::Backoff,
    outage::Health,
    output::{Failure, Fate, Output},
    queue::Item,
    tally::{Cause, Tally},
    untold::Untold,
};
use crate::alerts::{
    event::{Event, Place},
    incident::Incident,
};

/// The thread's end of a sink.
pub(super) struct Writer<O> {
    output: O,
    tally: Arc<Tally>,
    health: Health,
    backoff: Backoff,
    untold: Untold,
    /// Events that are being written, or are kept until they can be.
    batch: Vec<Arc<Event>>,
    /// Nothing ever comes; its other end is dropped when the sink is to come to its end.
    closing: Receiver<()>,
    /// The queue is closed and empty.
    ended: bool,
}

impl<O: Output> Writer<O> {
    pub(super) fn new(
        output: O,
        tally: Arc<Tally>,
        closing: Receiver<()>,
        incidents: UnboundedSender<Incident>,
    ) -> Self {
        let health = Health::new(Arc::clone(&tally), incidents);
        Self {
            output,
            tally,
            health,
            backoff: Backoff::default(),
            untold: Untold::default(),
            batch: Vec::new(),
            closing,
            ended: false,
        }
    }

    /// Writes until the queue is closed and empty; a break says that nobody can ever read the output.
    pub(super) fn run(mut self, queue: &Receiver<Item>) -> ControlFlow<()> {
        if let Err(error) = self.output.begin() {
            self.health.failed(&error.to_string(), "alerts wait for it");
        }
        while self.gather(queue) {
            while !self.batch.is_empty() {
                let Err(failure) = self.write() else { break };
                match failure.fate {
                    Fate::Lost => self.lose(),
                    Fate::Over => {
                        self.lose();
                        return ControlFlow::Break(());
                    }
                    Fate::Kept if !self.closes_meanwhile() => {}
                    // Once more at the end, without a wait.
                    Fate::Kept if self.write().is_ok() => {}
                    Fate::Kept => {
                        self.lose();
                        self.lose_all(queue);
                    }
                }
            }
            if let Err(error) = self.output.look_after() {
                self.health.failed(&error.to_string(), "what was written may not be there");
            }
            self.health.look();
        }
        ControlFlow::Continue(())
    }

    /// Waits for events, or until there is something to look after. False when the queue is closed and empty.
    fn gather(&mut self, queue: &Receiver<Item>) -> bool {
        let first = match self.output.due().into_iter().chain(self.health.due()).min() {
            None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => queue.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        if self.ended {
            return false;
        }
        self.untold.tell(|loss| {
            self.batch.push(loss);
            true
        });
        match first {
            Ok(item) => self.add(item),
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => {
                self.ended = true;
                return !self.batch.is_empty();
            }
        }
        let full_at = Instant::now() + O::LINGER;
        while self.batch.len() < O::BATCH {
            let more = if O::LINGER.is_zero() {
                queue.try_recv().ok()
            } else {
                queue.recv_timeout(full_at.saturating_duration_since(Instant::now())).ok()
            };
            let Some(item) = more else { break };
            self.add(item);
        }
        true
    }

    fn add(&mut self, item: Item) {
        if let Item::Event(event) = item {
            self.batch.push(event);
        }
    }

    /// Writes the batch; what was written leaves it.
    fn write(&mut self) -> Result<(), Failure> {
        let written = self.output.write(&self.batch);
        let count = written.as_ref().map_or_else(|failure| failure.written, |()| self.batch.len());
        for event in self.batch.drain(..count).filter(|_| O::COUNTS) {
            self.tally.write(&event);
        }
        match &written {
            Ok(()) => {
                self.health.worked();
                self.backoff = Backoff::default();
            }
            Err(Failure { reason, fate: Fate::Kept, .. }) => {
                self.health.failed(reason, "alerts wait for it");
            }
            Err(Failure { fate: Fate::Over, .. }) => {}
            Err(Failure { reason, fate: Fate::Lost, .. }) => {
                self.health.failed(reason, "alerts are counted as lost until it works");
            }
        }
        written
    }

    /// The batch is lost.
    fn lose(&mut self) {
        for event in self.batch.drain(..) {
            self.untold.add(Place::SinkFailed, self.tally.lose(&event, Cause::Failed));
            self.untold.add_again(&event);
        }
    }

    /// And so is everything that is queued: at the end nothing is waited for.
    fn lose_all(&mut self, queue: &Receiver<Item>) {
        while let Ok(item) = queue.recv() {
            self.add(item);
            self.lose();
        }
    }

    /// Waits before the next try, unless the sink is to come to its end before.
    fn closes_meanwhile(&mut self) -> bool {
        self.closing.recv_timeout(self.backoff.pause()) == Err(RecvTimeoutError::Disconnected)
    }
}
