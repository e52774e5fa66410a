//! All sinks: standard output, whose counts are those of the account, and the further ones.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::Context as _;
use tokio::sync::{mpsc::UnboundedSender, oneshot};

use super::{
    queue::Sink,
    sealed::{SealedLog, Sealing},
    spec::SinkSpec,
    stdout::{NAME, StandardOutput},
    tally::Tally,
};
use crate::{
    alerts::{
        event::{Event, Integrity},
        incident::Incident,
        write::Format,
    },
    printable::printable,
};

/// The daemon's end of all sinks.
#[derive(Debug)]
pub struct Sinks {
    /// Standard output first.
    sinks: Vec<Sink>,
    /// Which of them is the sealed log.
    sealed: Option<usize>,
    /// How often files were to be opened anew.
    reopen: Arc<AtomicU64>,
}

impl Sinks {
    /// Opens standard output and the further ones; [`start`](Self::start) has them write. The receiver fires when the reading end of a pipe has gone. `incidents`
    /// takes what happens to a sink.
    ///
    /// # Errors
    ///
    /// When a sink can never work: a file that cannot be opened.
    pub fn open(
        format: Format,
        further: &[SinkSpec],
        incidents: &UnboundedSender<Incident>,
    ) -> anyhow::Result<(Self, oneshot::Receiver<()>)> {
        let output = StandardOutput::new(format).context("cannot use standard output")?;
        let (first, over) = Sink::new(Arc::new(Tally::new(NAME.to_owned())), output, incidents.clone());
        let mut all = Self { sinks: vec![first], sealed: None, reopen: Arc::default() };
        for spec in further {
            all.sinks.push(spec.open(&all.reopen, incidents)?);
        }
        Ok((all, over))
    }

    /// Starts the thread of each. What was sent before is not lost.
    ///
    /// # Errors
    ///
    /// When there can be no more threads.
    pub fn start(&mut self) -> anyhow::Result<()> {
        for sink in &mut self.sinks {
            sink.start().with_context(|| format!("cannot start {}", sink.tally().name()))?;
        }
        Ok(())
    }

    /// Adds the sealed log. What it writes of its own goes to `told`, so that the others have it too.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub fn seal(
        &mut self,
        how: &Sealing,
        incidents: &UnboundedSender<Incident>,
        told: UnboundedSender<Event>,
    ) -> anyhow::Result<()> {
        let name = format!("sealed log {}", printable(&how.path.to_string_lossy()));
        let output = SealedLog::open(how, told)?;
        let (sink, _never_over) = Sink::new(Arc::new(Tally::new(name)), output, incidents.clone());
        self.sealed = Some(self.sinks.len());
        self.sinks.push(sink);
        Ok(())
    }

    /// Whether there is a sealed log.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        self.sealed.is_some()
    }

    /// Brings the sealed log to its end, before the others: they are to have its last checkpoint.
    pub async fn finish_sealed(&mut self, patience: Duration) {
        if let Some(sealed) = self.sealed.take() {
            let mut sealed = self.sinks.remove(sealed);
            sealed.close();
            sealed.finish(patience).await;
        }
    }

    /// Hands `event` to each; never waits. What happened to a sink is told to the others.
    pub fn send(&mut self, event: &Arc<Event>) {
        let about = about(event);
        for sink in &mut self.sinks {
            if about.is_none_or(|name| name != sink.tally().name()) {
                sink.send(event);
            }
        }
    }

    /// The counts of each; standard output's first.
    #[must_use]
    pub fn tallies(&self) -> Vec<Arc<Tally>> {
        self.sinks.iter().map(|sink| Arc::clone(sink.tally())).collect()
    }

    /// Has files opened anew.
    pub fn reopen(&self) {
        self.reopen.fetch_add(1, Relaxed);
        self.sinks.iter().for_each(Sink::nudge);
    }

    /// Lets each write what it has, for as long as it gets anywhere within `patience`.
    pub async fn finish(&mut self, patience: Duration) {
        self.sinks.iter_mut().for_each(Sink::close);
        for sink in &mut self.sinks {
            sink.finish(patience).await;
        }
    }
}

/// The sink that an event is about.
fn about(event: &Event) -> Option<&str> {
    match event {
        Event::Integrity(Integrity {
            integrity: Incident::SinkFailed { name, .. } | Incident::SinkRecovered { name, .. },
            ..
        }) => Some(name),
        Event::Integrity(_) | Event::Alert(_) | Event::Loss(_) | Event::Stats(_) | Event::Checkpoint(_) => {
            None
        }
    }
}
