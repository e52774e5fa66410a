//! The daemon's end of a sink.

use std::{
    fmt, io,
    sync::{
        Arc,
        mpsc::{Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::Duration,
};

use tokio::sync::{mpsc::UnboundedSender, oneshot};
use tracing::warn;

use super::{
    output::Output,
    tally::{Cause, Tally},
    untold::Untold,
    writer::Writer,
};
use crate::alerts::{
    event::{Event, Place},
    incident::Incident,
};

/// Events that may wait for a sink.
const QUEUE: usize = 65_536;

/// What the queue holds.
#[derive(Debug)]
pub(super) enum Item {
    Event(Arc<Event>),
    /// Something outside has changed; look after the output.
    Nudge,
}

/// The daemon's end of one sink.
#[derive(Debug)]
pub(super) struct Sink {
    queue: Option<SyncSender<Item>>,
    tally: Arc<Tally>,
    untold: Untold,
    /// Dropped when the sink is to come to its end: it waits for nothing then.
    open: Option<Sender<()>>,
    finished: oneshot::Receiver<()>,
    thread: Pending,
}

/// What the thread is to do, until it is started.
struct Pending(Option<Box<dyn FnOnce() + Send>>);

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Pending" } else { "Started" })
    }
}

impl Sink {
    /// Has a queue, and a thread once it is [`start`](Self::start)ed. The receiver fires when that ended because nobody can
    /// ever read the output.
    pub(super) fn new<O: Output>(
        tally: Arc<Tally>,
        output: O,
        incidents: UnboundedSender<Incident>,
    ) -> (Self, oneshot::Receiver<()>) {
        let (queue, items) = sync_channel(QUEUE);
        let (open, closing) = channel();
        let (over, on_over) = oneshot::channel();
        let (finish, finished) = oneshot::channel();
        let writer = Writer::new(output, Arc::clone(&tally), closing, incidents);
        let thread = move || {
            if writer.run(&items).is_break() {
                let _nobody_waits = over.send(());
            }
            let _nobody_waits = finish.send(());
        };
        let thread = Pending(Some(Box::new(thread)));
        let (queue, untold, open) = (Some(queue), Untold::default(), Some(open));
        (Self { queue, tally, untold, open, finished, thread }, on_over)
    }

    /// Starts the thread.
    pub(super) fn start(&mut self) -> io::Result<()> {
        if let Some(thread) = self.thread.0.take() {
            thread::Builder::new().name("sink".to_owned()).spawn(thread)?;
        }
        Ok(())
    }

    pub(super) const fn tally(&self) -> &Arc<Tally> {
        &self.tally
    }

    /// Hands over `event`; never waits.
    pub(super) fn send(&mut self, event: &Arc<Event>) {
        let Some(queue) = &self.queue else { return };
        self.tally.give(event);
        self.untold.tell(|loss| queue.try_send(Item::Event(loss)).is_ok());
        if queue.try_send(Item::Event(Arc::clone(event))).is_err() {
            let cause = self.tally.cause_of_full_queue();
            let place = match cause {
                Cause::TooSlow => Place::ReaderTooSlow,
                Cause::Failed => Place::SinkFailed,
            };
            self.untold.add(place, self.tally.lose(event, cause));
            self.untold.add_again(event);
        }
    }

    /// Has the thread look after the output. One whose queue is full does so anyhow.
    pub(super) fn nudge(&self) {
        if let Some(queue) = &self.queue {
            let _full = queue.try_send(Item::Nudge);
        }
    }

    /// Nothing more comes.
    pub(super) fn close(&mut self) {
        self.queue = None;
        self.open = None;
    }

    /// Waits for the thread to write what is queued, for as long as it gets anywhere within `patience`.
    pub(super) async fn finish(&mut self, patience: Duration) {
        let mut before = None;
        while tokio::time::timeout(patience, &mut self.finished).await.is_err() {
            let row = self.tally.row();
            let left = row.queued + row.spooled;
            if before.replace(left) == Some(left) {
                warn!("{} takes nothing; gave up waiting for it", self.tally.name());
                return;
            }
        }
    }
}
