//! Request → reply. Everything that a client can ask for goes through here.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use anyhow::Context as _;

use super::{account::account, loader::Loader, records::Records, watch, watch::Watch};
use crate::{
    alerts::{event::Moment, stream::Stream, write::sink::SinkCounts},
    control::protocol::{Account, Loaded, Reply, Request, Status},
    datapath::counters::Counters,
};

/// The parts of the daemon that requests reach.
pub struct Commands {
    pub(super) records: Arc<Records>,
    pub(super) loader: Mutex<Loader>,
    pub(super) watch: Mutex<Watch>,
    pub(super) counters: Counters,
    pub(super) sink: SinkCounts,
    pub(super) stream: Stream,
    pub(super) malformed: AtomicU64,
    pub(super) started: Moment,
}

impl Commands {
    /// Carries out one request.
    pub async fn carry_out(self: &Arc<Self>, request: Request) -> Reply {
        let done = match request {
            Request::Load { lists, force } => self.change(move |loader| loader.load(&lists, force)).await,
            Request::Unload { label } => self.change(move |loader| loader.unload(&label)).await,
            Request::Reload { force } => self.change(move |loader| loader.reload(force)).await,
            Request::Lists => {
                Ok(Reply::Lists(self.records.active().map(|active| active.report()).unwrap_or_default()))
            }
            Request::Status => self.status().await,
            Request::Detach { interface } => {
                self.lock_watch().detach(interface.as_deref()).map(Reply::Detached)
            }
            Request::Tail { .. } => Ok(Reply::Tail),
        };
        done.unwrap_or_else(|error| Reply::Refused(format!("{error:#}")))
    }

    /// The alert stream.
    #[must_use]
    pub const fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The account as it is now.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub fn account(&self) -> anyhow::Result<Account> {
        account(&self.counters, &self.sink, &self.records, self.malformed.load(Relaxed))
            .context("cannot read the counters")
    }

    /// Takes the program off every interface.
    pub(super) fn detach_all(&self) {
        if let Err(error) = self.lock_watch().detach(None) {
            tracing::warn!("{error:#}");
        }
    }

    /// Lists are read and built on a thread of their own: alerts go on meanwhile.
    pub(super) async fn change(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Loader) -> anyhow::Result<Loaded> + Send + 'static,
    ) -> anyhow::Result<Reply> {
        let this = Arc::clone(self);
        let job = move || change(&mut this.loader.lock().unwrap_or_else(PoisonError::into_inner));
        let loaded = tokio::task::spawn_blocking(job).await.context("the loading thread died")??;
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        tracing::info!(
            "generation {} is active: {} lists, {} IPv4 and {} IPv6 ranges, loaded in {:.1} ms",
            loaded.generation,
            loaded.lists,
            loaded.ranges_v4,
            loaded.ranges_v6,
            loaded.milliseconds
        );
        Ok(Reply::Loaded(loaded))
    }

    async fn status(&self) -> anyhow::Result<Reply> {
        let snapshot = self.lock_watch().snapshot();
        let interfaces = watch::status(snapshot).await;
        let active = self.records.active().context("no generation")?;
        // A change that is under way does not hold up the answer.
        let last_refusal = self.loader.try_lock().ok().and_then(|loader| loader.last_refusal());
        Ok(Reply::Status(Box::new(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            started: self.started,
            interfaces,
            generation: active.number,
            loaded: Moment(active.loaded_at.try_into().context("the clock is out of range")?),
            lists: active.compiled.lists.len(),
            ranges_v4: active.compiled.v4.len(),
            ranges_v6: active.compiled.v6.len(),
            last_refusal,
            readers: self.stream.readers(),
            account: self.account()?,
        })))
    }

    fn lock_watch(&self) -> std::sync::MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
