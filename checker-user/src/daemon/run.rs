//! Start, loop, stop.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use checker_common::alert::{AlertRecord, Undecodable};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Notify,
};
use tracing::{info, warn};

use super::{
    commands::Commands,
    loader::{Loader, first},
    records::Records,
    watch::Watch,
};
use crate::{
    alerts::{
        describe::{Clock, describe},
        event::{Event, Loss, LossType, Lost, Moment, Place},
        receive::Receiver,
        stream::Stream,
        write::{Format, sink::Sink},
    },
    control::{protocol::Account, server::serve, socket},
    datapath::{attach::ModeWish, direction::View, kernel_log, load::load, preflight::preflight},
    ranges::source::ListSpec,
};

/// How long the output may make no progress with what is queued when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// What `checker run` was asked for, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Interfaces to watch.
    pub interfaces: Vec<String>,
    /// Lists to start with.
    pub lists: Vec<ListSpec>,
    /// What is looked at.
    pub view: View,
    /// Native or generic.
    pub mode: ModeWish,
    /// Form of the alerts on standard output.
    pub format: Format,
    /// Path of the control socket.
    pub control: PathBuf,
    /// Load the object that writes log lines.
    pub kernel_log: bool,
    /// Lift the guards, replace foreign programs.
    pub force: bool,
}

/// Runs until a signal, until nothing is left to watch, or until nobody reads the output; gives the account.
///
/// # Errors
///
/// What kept it from starting. Once it has started it only ends.
pub async fn run(settings: Settings, began: Instant) -> anyhow::Result<Account> {
    let started = Moment(jiff::Timestamp::now());
    preflight()?;
    // Before anything is made that a signal would leave behind.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let socket = socket::listen(&settings.control).await?;
    // The lists are read and built while the kernel checks the program.
    let (lists, force) = (settings.lists.clone(), settings.force);
    let first = tokio::task::spawn_blocking(move || first(&lists, force));
    let mut datapath = load(settings.kernel_log, &settings.view)?;
    if settings.kernel_log {
        kernel_log::forward(&mut datapath.ebpf)?;
    }
    let records = Arc::new(Records::default());
    let settled = Arc::new(AtomicU64::new(0));
    let mut loader = Loader::new(datapath.installer, Arc::clone(&records), Arc::clone(&settled));
    let loaded = loader.activate(first.await.context("the loading thread died")??)?;
    loaded.warnings.iter().for_each(|warning| warn!("{warning}"));
    let none_left = Arc::new(Notify::new());
    let Settings { interfaces, view, mode, force, .. } = &settings;
    let watch = Watch::start(
        datapath.ebpf,
        interfaces,
        view.direction,
        *mode,
        *force,
        &records,
        Arc::clone(&none_left),
    )
    .await?;
    info!(
        "watching with {} lists, {} IPv4 and {} IPv6 ranges; matching {:.0} ms after the start",
        loaded.lists,
        loaded.ranges_v4,
        loaded.ranges_v6,
        began.elapsed().as_secs_f64() * 1e3
    );
    let (sink, mut closed) = Sink::start(settings.format).context("cannot start the output thread")?;
    let commands = Arc::new(Commands {
        records,
        loader: Mutex::new(loader),
        watch: Mutex::new(watch),
        counters: datapath.counters,
        sink: sink.counts(),
        stream: Stream::default(),
        malformed: AtomicU64::new(0),
        started,
    });
    let mut alerts =
        Alerts { commands: Arc::clone(&commands), sink, settled, settled_before: 0, seq: 0, ring_full: 0 };
    let mut receiver = Receiver::new(datapath.alerts).context("cannot poll the ring")?;
    let serving = tokio::spawn({
        let commands = Arc::clone(&commands);
        async move { serve(&socket, commands).await }
    });
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            empty = receiver.receive(&mut batch) => alerts.handle(&mut batch, empty.context("cannot poll the ring")?),
            _ = interrupt.recv() => break info!("interrupted"),
            _ = terminate.recv() => break info!("terminated"),
            _ = hangup.recv() => reload(&commands),
            () = none_left.notified() => break info!("no interface is left to watch"),
            _ = &mut closed => break info!("nobody reads the output any more"),
        }
    }
    commands.detach_all();
    // Nothing can come any more: the ring is read to its end, the queue written, and the sum is final.
    while !receiver.drain(&mut batch) {
        alerts.handle(&mut batch, false);
    }
    alerts.handle(&mut batch, true);
    tokio::select! {
        () = alerts.sink.finish(FAREWELL) => {}
        _ = interrupt.recv() => warn!("interrupted again; what is queued is counted as lost"),
        _ = terminate.recv() => warn!("terminated again; what is queued is counted as lost"),
    }
    serving.abort();
    // Joined, so that the socket's file is gone when this returns.
    let _aborted = serving.await;
    close(commands.account()?)
}

/// On SIGHUP: beside the loop, which goes on reading the ring.
fn reload(commands: &Arc<Commands>) {
    let commands = Arc::clone(commands);
    tokio::spawn(async move {
        if let Err(error) = commands.change(|loader| loader.reload(false)).await {
            warn!("the last good generation stays: {error:#}");
        }
    });
}

/// What is still queued at the end was never written: its reader was too slow.
fn close(mut account: Account) -> anyhow::Result<Account> {
    let rows = account.labels.iter_mut().map(|label| &mut label.row);
    for row in rows.chain([&mut account.total]) {
        row.lost.reader_too_slow += std::mem::take(&mut row.queued);
    }
    Ok(account)
}

/// Records → events → stream and output.
struct Alerts {
    commands: Arc<Commands>,
    sink: Sink,
    settled: Arc<AtomicU64>,
    /// `settled` as it was before the ring was read.
    settled_before: u64,
    /// Number of the last alert.
    seq: u64,
    /// Losses to a full ring that the stream tells of already.
    ring_full: u64,
}

impl Alerts {
    fn handle(&mut self, batch: &mut Vec<Result<AlertRecord, Undecodable>>, empty: bool) {
        let Ok(clock) = Clock::read() else { return };
        for record in batch.drain(..) {
            let alert = record
                .ok()
                .and_then(|record| describe(&record, self.seq + 1, &clock, &*self.commands.records.lock()));
            match alert {
                Some(alert) => {
                    self.seq += 1;
                    self.publish(Event::Alert(Box::new(alert)));
                }
                None => {
                    self.commands.malformed.fetch_add(1, Ordering::Relaxed);
                    self.tell(Place::Malformed, 1, &clock);
                }
            }
        }
        self.tell_ring_losses(&clock);
        if empty {
            self.commands.records.forget_before(self.settled_before);
        }
        self.settled_before = self.settled.load(Ordering::Acquire);
    }

    /// The ring was read, so it was the time to say how much had not fitted in.
    fn tell_ring_losses(&mut self, clock: &Clock) {
        let Ok(account) = self.commands.account() else { return };
        let lost = account.total.lost.ring_full;
        if lost > self.ring_full {
            self.tell(Place::RingFull, lost - self.ring_full, clock);
            self.ring_full = lost;
        }
    }

    fn tell(&mut self, place: Place, count: u64, clock: &Clock) {
        let loss = Lost { place, label: None, count };
        self.publish(Event::Loss(Loss { timestamp: clock.now(), event_type: LossType::Loss, loss }));
    }

    fn publish(&mut self, event: Event) {
        let event = Arc::new(event);
        self.sink.send(&event);
        self.commands.stream.publish(&event);
    }
}
