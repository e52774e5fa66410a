//! With a spool: every batch goes to disk first, and a thread of its own posts what is there. A server that hangs, or is
//! down for an hour, fills the spool and not the queue.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::mpsc::UnboundedSender;
use tracing::{info, warn};

use super::{
    super::{
        backoff::Backoff,
        outage::Health,
        output::{Failure, Fate, Output},
        tally::{Cause, Tally},
    },
    body::{alerts, body},
    direct::{BATCH, LINGER},
    post::Poster,
    spool::{Batch, Spool},
};
use crate::alerts::{event::Event, incident::Incident};

/// The end that fills the spool.
pub(in super::super) struct Spooled {
    spool: Arc<Spool>,
    tally: Arc<Tally>,
    /// Tells the other thread that there is a batch; dropped when there are no more.
    wake: Option<Sender<()>>,
    posting: Option<JoinHandle<()>>,
    /// What that thread is to do, until it is started.
    pending: Option<Posting>,
}

impl Spooled {
    pub(in super::super) fn new(
        spool: Spool,
        poster: Poster,
        tally: &Arc<Tally>,
        incidents: UnboundedSender<Incident>,
    ) -> Self {
        let spool = Arc::new(spool);
        let before = spool.len();
        if before > 0 {
            info!("{}: {before} batches of an earlier run are in the spool and go first", tally.name());
        }
        let (wake, woken) = channel();
        let health = Health::new(Arc::clone(tally), incidents);
        let posting = Posting {
            spool: Arc::clone(&spool),
            poster,
            tally: Arc::clone(tally),
            health,
            backoff: Backoff::default(),
            woken,
            ended: false,
        };
        Self { spool, tally: Arc::clone(tally), wake: Some(wake), posting: None, pending: Some(posting) }
    }
}

impl Output for Spooled {
    const BATCH: usize = BATCH;
    const LINGER: Duration = LINGER;
    const COUNTS: bool = false;

    fn begin(&mut self) -> io::Result<()> {
        if let Some(posting) = self.pending.take() {
            let spawned = thread::Builder::new().name("webhook".to_owned()).spawn(|| posting.run());
            self.posting = Some(spawned?);
        }
        Ok(())
    }

    fn write(&mut self, events: &[Arc<Event>]) -> Result<(), Failure> {
        let spooled = self.spool.append(&body(events));
        spooled.map_err(|error| Failure {
            written: 0,
            reason: format!("cannot spool: {error}"),
            fate: Fate::Lost,
        })?;
        events.iter().for_each(|event| self.tally.spool(event));
        if let Some(wake) = &self.wake {
            let _ended = wake.send(());
        }
        Ok(())
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(posting) = self.posting.take() {
            // A panic there would have been seen on standard error.
            let _ended = posting.join();
        }
    }
}

/// The end that empties it.
struct Posting {
    spool: Arc<Spool>,
    poster: Poster,
    tally: Arc<Tally>,
    health: Health,
    backoff: Backoff,
    woken: Receiver<()>,
    /// No more batches come: what cannot be posted now stays for the next run.
    ended: bool,
}

impl Posting {
    fn run(mut self) {
        loop {
            while let Some((batch, body)) = self.spool.oldest() {
                if self.deliver(batch, body) {
                    self.backoff = Backoff::default();
                } else if self.ended {
                    return self.leave();
                } else {
                    self.pause();
                }
                self.health.look();
            }
            if self.ended {
                return;
            }
            self.idle();
            self.health.look();
        }
    }

    /// Gives whether the spool is rid of the batch.
    fn deliver(&mut self, batch: Batch, body: io::Result<Vec<u8>>) -> bool {
        let name = self.tally.name().to_owned();
        let body = match body {
            Ok(body) => body,
            Err(error) => {
                // Somebody took it away, or the disk is broken; which alerts it had nobody can say.
                warn!("{name}: a batch in the spool cannot be read: {error}");
                let _gone = self.spool.remove(batch);
                return true;
            }
        };
        let posted = self.poster.post(&body);
        if let Err(refusal) = &posted {
            let then = if refusal.again { "alerts wait in the spool" } else { "this batch is lost" };
            self.health.failed(&refusal.reason, then);
            if refusal.again {
                return false;
            }
        } else {
            self.health.worked();
        }
        if !batch.earlier {
            for (class, packets) in alerts(&body) {
                self.tally.unspool(class, packets, posted.is_err().then_some(Cause::Failed));
            }
        }
        if let Err(error) = self.spool.remove(batch) {
            warn!("{name}: a batch that was posted stays in the spool: {error}");
        }
        true
    }

    /// Before the next try; what comes meanwhile is no reason to be earlier.
    fn pause(&mut self) {
        let until = Instant::now() + self.backoff.pause();
        while !self.ended {
            match self.woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => self.ended = true,
            }
        }
    }

    /// Until there is more, or something to tell.
    fn idle(&mut self) {
        let woken = match self.health.due() {
            None => self.woken.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => self.woken.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        self.ended = woken == Err(RecvTimeoutError::Disconnected);
    }

    fn leave(&self) {
        let left = self.spool.len();
        info!("{}: {left} batches stay in the spool for the next run", self.tally.name());
    }
}
