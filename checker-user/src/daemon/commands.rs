//! Request → reply. Everything that a client can ask for goes through here.

use std::{
    net::IpAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context as _, ensure};
use checker_common::nat64::Nat64;
use tokio::sync::{Notify, mpsc::UnboundedSender};

use super::{
    account::account, canary, estate::Estate, health, inspect::Troubles, ledger::Ledger,
    list_flows::list_flows, loader::Loader, records::Records, remotes::Remotes, watch::Watch,
};
use crate::{
    alerts::{
        facts::{ListFact, Peer},
        incident::Incident,
        moment::Moment,
        stream::Stream,
        write::sink::tally::Tally,
    },
    assets::{learn::listen::Listening, machines::Machines},
    control::{
        account::Account,
        protocol::{LabelAddresses, Loaded, Reply, Request},
        status::{CanaryStatus, ListAge, Status},
    },
    datapath::{counters::Counters, flows::FlowTable},
    evidence::Evidence,
    ranges::{explain::explain, generation::ListReport, label::Label, memory::Memory, shrunk::addresses},
    sandbox::hint::{hint, outside},
};

/// The parts of the daemon that requests reach.
pub struct Commands {
    pub(super) records: Arc<Records>,
    pub(super) loader: Mutex<Loader>,
    /// Held while netlink answers, which is soon.
    pub(super) watch: tokio::sync::Mutex<Watch>,
    pub(super) counters: Counters,
    /// Standard output's first.
    pub(super) sinks: Vec<Arc<Tally>>,
    pub(super) ledger: Ledger,
    pub(super) table: Arc<FlowTable>,
    pub(super) stream: Stream,
    pub(super) malformed: AtomicU64,
    pub(super) started: Moment,
    /// Fires when other lists are loaded.
    pub(super) lists_changed: Notify,
    /// Lists that are fetched.
    pub(super) remotes: Remotes,
    /// What the alert stream is to tell beside alerts.
    pub(super) incidents: UnboundedSender<Incident>,
    /// Who has which address.
    pub(super) machines: Arc<Machines>,
    /// How that is learned.
    pub(super) listening: Listening,
    /// Behind which prefixes the kernel program finds IPv4 addresses.
    pub(super) nat64: Nat64,
    /// What the next daemon will find, where things are pinned.
    pub(super) estate: Option<Estate>,
    /// Fires when another daemon is to go on with what is pinned.
    pub(super) leave: Notify,
    /// At whose word.
    pub(super) left_to: OnceLock<Peer>,
    /// What the last look for the canary came to.
    pub(super) canary: Mutex<CanaryStatus>,
    /// What else is wrong at present.
    pub(super) troubles: Mutex<Troubles>,
    /// How old a list may be.
    pub(super) stale: Option<Duration>,
    /// What lists may be read from in the sandbox; empty where it does not matter.
    pub(super) readable: Vec<PathBuf>,
    /// What is left of its privileges, and what restricts the rest.
    pub(super) sandbox: String,
    /// Whether the lists stay as they are; see [`Loader::fix`].
    pub(super) fixed: bool,
    /// Why the last change was refused, and what the active generation takes, as the loader said it last.
    pub(super) loader_said: Mutex<(Option<String>, Option<Memory>)>,
    /// Packets as evidence.
    pub(super) evidence: Option<Evidence>,
}

impl Commands {
    /// Carries out one request.
    pub async fn carry_out(self: &Arc<Self>, request: Request, peer: Peer) -> Reply {
        let name = request.name();
        let done = match request {
            Request::Load { lists, force } => {
                let outside = outside(&self.readable, &lists);
                self.load(lists, force).await.map_err(|error| hint(&self.readable, &outside, error))
            }
            Request::Unload { label } => self.change(move |loader| loader.unload(&label)).await,
            Request::Reload { force } => self.reload_all(force).await,
            Request::Lists => Ok(Reply::Lists(self.lists())),
            Request::Explain { address } => self.explain(address).await,
            Request::Addresses { labels } => self.addresses(labels).await,
            Request::Status => self.status().await.map(|status| Reply::Status(Box::new(status))),
            Request::Flows => self.flows().await,
            Request::Detach { interface } => {
                let detached = self.watch.lock().await.detach(interface.as_deref()).await;
                detached.inspect(|names| self.listening.stop(names)).map(Reply::Detached)
            }
            Request::Leave => self.leave(peer).await,
            // Streams are the server's.
            Request::Tail { .. } => Ok(Reply::Tail { past: 0, forgotten: 0 }),
        };
        match &done {
            Ok(Reply::Loaded(loaded)) => self.tell_change(name, Some(peer), loaded.generation),
            Ok(Reply::Detached(interfaces)) => self.tell_detached(interfaces.clone(), Some(peer)),
            Ok(_) | Err(_) => {}
        }
        done.unwrap_or_else(|error| Reply::Refused(format!("{error:#}")))
    }

    /// Ends, so that another daemon goes on with what is pinned.
    async fn leave(&self, peer: Peer) -> anyhow::Result<Reply> {
        let pinned = self.watch.lock().await.is_pinned();
        ensure!(
            pinned,
            "nothing is pinned: there would be packets that nobody judges; stop this daemon instead"
        );
        // Whoever asks second gets what the first one left.
        let _first = self.left_to.set(peer);
        self.leave.notify_one();
        Ok(Reply::Leaving)
    }

    /// Has the stream tell that other lists are loaded, and at whose word.
    pub(super) fn tell_change(&self, command: &str, by: Option<Peer>, generation: u64) {
        let command = command.to_owned();
        self.tell_incident(Incident::ListsChanged { command, by, generation, lists: self.list_facts() });
    }

    /// The same, of a reload that nobody asked for over the socket.
    pub(super) fn tell_reloaded(&self, command: &str, reply: &Reply) {
        if let Reply::Loaded(loaded) = reply {
            self.tell_change(command, None, loaded.generation);
        }
    }

    fn tell_detached(&self, interfaces: Vec<String>, by: Option<Peer>) {
        if !interfaces.is_empty() {
            self.tell_incident(Incident::Detached { interfaces, by });
        }
    }

    fn tell_incident(&self, incident: Incident) {
        // An error says only that the daemon is at its end.
        let _untold = self.incidents.send(incident);
    }

    /// What is loaded.
    pub(super) fn list_facts(&self) -> Vec<ListFact> {
        self.records
            .active()
            .map_or_else(Vec::new, |active| active.report().into_iter().map(ListFact::from).collect())
    }

    /// The alert stream.
    #[must_use]
    pub const fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The loaded lists.
    #[must_use]
    pub fn lists(&self) -> Vec<ListReport> {
        self.records.active().map(|active| active.report()).unwrap_or_default()
    }

    /// The account as it is now.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub fn account(&self) -> anyhow::Result<Account> {
        let malformed = self.malformed.load(Relaxed);
        account(&self.counters, &self.sinks, &self.ledger, &self.records, malformed)
            .context("cannot read the counters")
    }

    /// Takes the program off every interface.
    pub(super) async fn detach_all(&self) {
        match self.watch.lock().await.detach(None).await {
            Ok(interfaces) => self.tell_detached(interfaces, None),
            Err(error) => tracing::warn!("{error:#}"),
        }
    }

    /// Whether a list's file is another one than the one that was read last.
    pub(super) async fn files_changed(self: &Arc<Self>) -> bool {
        let this = Arc::clone(self);
        let job = move || this.loader.lock().unwrap_or_else(PoisonError::into_inner).files_changed();
        tokio::task::spawn_blocking(job).await.unwrap_or(false)
    }

    /// Lists are read and built on a thread of their own: alerts go on meanwhile.
    pub(super) async fn change(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Loader) -> anyhow::Result<Loaded> + Send + 'static,
    ) -> anyhow::Result<Reply> {
        let this = Arc::clone(self);
        let job = move || {
            let mut loader = this.loader.lock().unwrap_or_else(PoisonError::into_inner);
            let changed = change(&mut loader);
            // Whoever asks next is told of this change, even if another one is under way by then.
            let mut said = this.loader_said.lock().unwrap_or_else(PoisonError::into_inner);
            *said = (loader.last_refusal(), loader.memory());
            changed
        };
        let loaded = tokio::task::spawn_blocking(job).await.context("the loading thread died")??;
        self.lists_changed.notify_one();
        self.remotes.changed.notify_one();
        canary::look(self).await;
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

    /// How the daemon is.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub async fn status(&self) -> anyhow::Result<Status> {
        let interfaces = self.watch.lock().await.status().await;
        let active = self.records.active().context("no generation")?;
        let (last_refusal, memory) = self.loader_says();
        let mut status = Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            started: self.started,
            interfaces,
            generation: active.number,
            loaded: Moment(active.loaded_at.try_into().context("the clock is out of range")?),
            ages: active.report().into_iter().map(|report| self.age(report)).collect(),
            lists: active.compiled.lists.len(),
            ranges_v4: active.compiled.v4.len(),
            ranges_v6: active.compiled.v6.len(),
            memory,
            last_refusal,
            canary: self.canary.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            unhealthy: Vec::new(),
            assets: self.machines.status(),
            learned: self.machines.learned(),
            readers: self.stream.readers(),
            sandbox: self.sandbox.clone(),
            evidence: self.evidence.as_ref().map(Evidence::status).transpose()?,
            account: self.account()?,
        };
        status.unhealthy = health::reasons(&status, self.stale, jiff::Timestamp::now());
        status.unhealthy.extend(self.troubles.lock().unwrap_or_else(PoisonError::into_inner).sentences());
        Ok(status)
    }

    /// A change that is under way does not hold up the answer: it is then what was so before.
    fn loader_says(&self) -> (Option<String>, Option<Memory>) {
        let mut said = self.loader_said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(loader) = self.loader.try_lock() {
            *said = (loader.last_refusal(), loader.memory());
        }
        said.clone()
    }

    fn age(&self, report: ListReport) -> ListAge {
        let place = report.path.clone();
        let mut age = ListAge::from(report);
        self.remotes.tell(&place, &mut age);
        age
    }

    /// The table may be large, so not on the thread that reads the ring.
    async fn flows(&self) -> anyhow::Result<Reply> {
        let (table, records, machines) =
            (Arc::clone(&self.table), Arc::clone(&self.records), Arc::clone(&self.machines));
        let listed = tokio::task::spawn_blocking(move || list_flows(&table, &records, &machines)).await;
        Ok(Reply::Flows(listed.context("the listing thread died")??))
    }

    /// It goes through every list, so not on the thread that reads the ring.
    async fn explain(&self, address: IpAddr) -> anyhow::Result<Reply> {
        let active = self.records.active().context("no generation")?;
        let nat64 = self.nat64;
        let explained = tokio::task::spawn_blocking(move || explain(&active, address, &nat64)).await;
        Ok(Reply::Explained(Box::new(explained.context("the explaining thread died")?)))
    }

    /// As with [`Self::explain`].
    async fn addresses(&self, labels: Vec<Label>) -> anyhow::Result<Reply> {
        let active = self.records.active().context("no generation")?;
        let addresses = move |label: &Label| {
            let lists = &active.compiled.lists;
            let loaded = lists.iter().any(|list| list.spec.label == *label);
            LabelAddresses { loaded, prefixes: addresses(lists, label).prefixes().collect() }
        };
        let job = move || labels.iter().map(addresses).collect();
        let found = tokio::task::spawn_blocking(job).await.context("the comparing thread died")?;
        Ok(Reply::Addresses(found))
    }
}
