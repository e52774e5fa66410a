//! Standard output, behind a bounded queue and a thread of its own: a pipe that nobody reads, or a full disk, never
//! keeps the daemon from the ring. What the queue cannot take is counted as lost.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use anstream::AutoStream;
use checker_common::abi::CLASS_COUNT;
use jiff::Timestamp;
use tokio::sync::oneshot;
use tracing::warn;

use super::Format;
use crate::alerts::event::{Event, Loss, LossType, Lost, Moment, Place};

/// Events that may wait for the output.
const QUEUE: usize = 65_536;

/// What became of the alerts of one class.
#[derive(Debug, Default)]
pub struct SinkCount {
    /// Written.
    pub written: AtomicU64,
    /// The queue was full.
    pub too_slow: AtomicU64,
    /// The write failed.
    pub failed: AtomicU64,
}

/// One count for each class, at its number.
pub type SinkCounts = Arc<[SinkCount]>;

/// The daemon's end of the queue.
#[derive(Debug)]
pub struct Sink {
    queue: Option<SyncSender<Arc<Event>>>,
    counts: SinkCounts,
    finished: oneshot::Receiver<()>,
    /// Alerts that the queue could not take and that the stream does not yet tell of.
    untold: u64,
}

impl Sink {
    /// Starts the writing thread. The receiver fires when the reading end of a pipe has gone.
    ///
    /// # Errors
    ///
    /// When there can be no more threads.
    pub fn start(format: Format) -> io::Result<(Self, oneshot::Receiver<()>)> {
        let (queue, events) = sync_channel(QUEUE);
        let counts: SinkCounts = (0..CLASS_COUNT).map(|_| SinkCount::default()).collect();
        let (closed, on_closed) = oneshot::channel();
        let (finish, finished) = oneshot::channel();
        let writer = Writer {
            format,
            counts: Arc::clone(&counts),
            pending: Vec::new(),
            classes: Vec::new(),
            untold: 0,
        };
        thread::Builder::new().name("stdout".to_owned()).spawn(move || {
            match format {
                Format::Human => writer.run(&events, AutoStream::auto(io::stdout()), closed),
                Format::Eve => writer.run(&events, io::stdout(), closed),
            }
            let _nobody_waits = finish.send(());
        })?;
        Ok((Self { queue: Some(queue), counts, finished, untold: 0 }, on_closed))
    }

    /// Hands over `event`; never waits.
    pub fn send(&mut self, event: &Arc<Event>) {
        let Some(queue) = &self.queue else { return };
        if self.untold > 0 && queue.try_send(Arc::new(lost(Place::ReaderTooSlow, self.untold))).is_ok() {
            self.untold = 0;
        }
        if queue.try_send(Arc::clone(event)).is_err()
            && let Event::Alert(alert) = &**event
        {
            count(&self.counts, alert.alert.signature_id, too_slow_of);
            self.untold += 1;
        }
    }

    /// What became of the alerts so far.
    #[must_use]
    pub fn counts(&self) -> SinkCounts {
        Arc::clone(&self.counts)
    }

    /// Lets the thread write what is queued, for as long as it gets anywhere within `patience`.
    pub async fn finish(&mut self, patience: Duration) {
        self.queue = None;
        let mut before = None;
        while tokio::time::timeout(patience, &mut self.finished).await.is_err() {
            let done: u64 = self
                .counts
                .iter()
                .map(|count| count.written.load(Relaxed) + count.failed.load(Relaxed))
                .sum();
            if before.replace(done) == Some(done) {
                warn!("standard output is not read; gave up waiting for it");
                return;
            }
        }
    }
}

struct Writer {
    format: Format,
    counts: SinkCounts,
    /// Lines that are not yet written.
    pending: Vec<u8>,
    /// Classes of the alerts among them.
    classes: Vec<u32>,
    /// Alerts whose write failed and that the output does not yet tell of.
    untold: u64,
}

impl Writer {
    /// Writes until the queue is closed and empty, or the reader of the pipe is gone.
    fn run(mut self, events: &Receiver<Arc<Event>>, mut output: impl Write, closed: oneshot::Sender<()>) {
        while let Ok(event) = events.recv() {
            if self.untold > 0 {
                // The failed write may have left half a line.
                self.pending.push(b'\n');
                self.add(&lost(Place::SinkFailed, self.untold));
            }
            self.add(&event);
            // Whatever else has come goes into the same write, up to a pipe's worth.
            while self.pending.len() < 1 << 16
                && let Ok(event) = events.try_recv()
            {
                self.add(&event);
            }
            if self.flush(&mut output).is_err() {
                let _nobody_waits = closed.send(());
                return;
            }
        }
    }

    fn add(&mut self, event: &Event) {
        if self.format.write(event, &mut self.pending).is_ok()
            && let Event::Alert(alert) = event
        {
            self.classes.push(alert.alert.signature_id);
        }
    }

    /// Writes what is pending. Only a closed pipe is an error; any other is counted, and the next write tried.
    fn flush(&mut self, output: &mut impl Write) -> io::Result<()> {
        let written = output.write_all(&self.pending).and_then(|()| output.flush());
        self.pending.clear();
        let counter = if written.is_ok() { written_of } else { failed_of };
        for class in &self.classes {
            count(&self.counts, *class, counter);
        }
        let alerts = self.classes.len() as u64;
        self.classes.clear();
        match written {
            Ok(()) => self.untold = 0,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error),
            Err(error) => {
                if self.untold == 0 {
                    warn!(
                        "cannot write to standard output: {error}; alerts are counted as lost until it works"
                    );
                }
                self.untold += alerts;
            }
        }
        Ok(())
    }
}

const fn written_of(count: &SinkCount) -> &AtomicU64 {
    &count.written
}

const fn failed_of(count: &SinkCount) -> &AtomicU64 {
    &count.failed
}

const fn too_slow_of(count: &SinkCount) -> &AtomicU64 {
    &count.too_slow
}

fn count(counts: &[SinkCount], class: u32, counter: fn(&SinkCount) -> &AtomicU64) {
    if let Some(count) = counts.get(class as usize) {
        counter(count).fetch_add(1, Relaxed);
    }
}

fn lost(place: Place, count: u64) -> Event {
    let loss = Lost { place, label: None, count };
    Event::Loss(Loss { timestamp: Moment(Timestamp::now()), event_type: LossType::Loss, loss })
}
