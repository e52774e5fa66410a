//! Start, loop, stop.

use std::{
    future::pending,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, atomic::AtomicU64},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use nix::sys::signal::Signal;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Notify, mpsc},
    task::JoinHandle,
};
use tracing::{info, warn};

use super::{
    alerts::Alerts,
    aside::aside,
    assets,
    before::Before,
    canary,
    commands::Commands,
    descriptors,
    estate::{Estate, books::keep_looks, keep::Keeper},
    follow::follow,
    heartbeat::{beat, heartbeat},
    inspect::inspect,
    ledger::Ledger,
    limit::{Limit, Rate},
    loader::{Loader, first},
    lookout::look_after,
    notify::Manager,
    places::places,
    records::Records,
    refresh::refresh,
    remotes::Remotes,
    signals::{Ending, Signals},
    sweep::{Pace, Sweep},
    watch::{How, Watch},
};
use crate::{
    alerts::{
        facts::Peer,
        incident::Incident,
        moment::Moment,
        receive::Receiver,
        stream::Stream,
        write::{
            Format,
            sink::{sealed::Sealing, sinks::Sinks, spec::SinkSpec},
        },
    },
    assets::{learn::listen::Listening, machines::Machines},
    control::{access::Readers, account::Account, client, protocol::Request, server::serve, socket},
    datapath::{
        attach::ModeWish,
        behind,
        direction::View,
        kernel_log,
        load::load_over,
        pins::{Pins, attach::check as check_pins},
        preflight::{preflight, without_capabilities},
    },
    evidence::{Evidence, spec::EvidenceSpec},
    metrics,
    ranges::spec::ListSpec,
    sandbox::{
        confine::{Confined, confine},
        degree::Sandbox,
    },
};

/// How long the output may make no progress with what is queued when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long a daemon may take to end that is taken over from.
const HANDOVER: Duration = Duration::from_secs(30);

/// Most batches of records that a daemon reads at its end when the kernel goes on.
const MOST_BATCHES: usize = 64;

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
    /// Records of machines.
    pub assets: Option<PathBuf>,
    /// Learn who has which address.
    pub learn: bool,
    /// Form of the alerts on standard output.
    pub format: Format,
    /// Sinks beside standard output.
    pub sinks: Vec<SinkSpec>,
    /// The sealed log.
    pub sealing: Option<Sealing>,
    /// Packets as evidence.
    pub evidence: Option<EvidenceSpec>,
    /// Path of the control socket.
    pub control: PathBuf,
    /// Who may read from it.
    pub readers: Readers,
    /// Load the object that writes log lines.
    pub kernel_log: bool,
    /// Where the last good version of fetched lists is kept.
    pub state: PathBuf,
    /// Room in the flow table.
    pub flows: u32,
    /// How the flow table is gone through.
    pub pace: Pace,
    /// Most alerts of a label.
    pub limit: Option<Rate>,
    /// How often the stream tells the account.
    pub stats_every: Duration,
    /// Read lists again when their files change.
    pub watch_lists: bool,
    /// Lift the guards, replace foreign programs.
    pub force: bool,
    /// Where metrics are asked for.
    pub metrics: Option<SocketAddr>,
    /// How old a list may be.
    pub stale: Option<Duration>,
    /// How long no packet may come, where some came.
    pub silence: Duration,
    /// How often the canary is looked for.
    pub canary_every: Duration,
    /// What is given up once it watches.
    pub sandbox: Sandbox,
    /// Further folders that lists may be loaded from in the sandbox.
    pub list_dirs: Vec<PathBuf>,
    /// Attach again where the program was taken off.
    pub reattach: bool,
    /// Have the stream tell of starts, stops and changes.
    pub audit: bool,
    /// What outlives the daemon.
    pub pinning: Option<Pinning>,
}

/// How things are pinned.
#[derive(Clone, Debug)]
pub struct Pinning {
    /// The folder of the interfaces' folders.
    pub root: PathBuf,
    /// Take over from a daemon that runs, and from a program of another build.
    pub replace: bool,
}

/// Runs until a signal, until nothing is left to watch, or until nobody reads the output; gives the account.
///
/// # Errors
///
/// What kept it from starting. Once it has started it only ends.
pub async fn run(settings: Settings, began: Instant) -> anyhow::Result<Account> {
    let started = Moment(jiff::Timestamp::now());
    preflight()?;
    let fixed = settings.sandbox == Sandbox::NoCapabilities;
    if fixed {
        without_capabilities()?;
    }
    descriptors::raise();
    // Before anything is made that a signal would leave behind.
    let signals = Signals::new()?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut rotated = signal(SignalKind::user_defined1())?;
    if settings.pinning.as_ref().is_some_and(|pinning| pinning.replace) {
        take_over(&settings.control).await?;
    }
    let socket = socket::listen(&settings.control, settings.readers).await?;
    let pins = settings.pinning.as_ref();
    let pins = pins.map(|Pinning { root, replace }| Pins::open(root, &settings.interfaces, *replace));
    let pins = pins.transpose()?;
    let before = Before::find(pins.as_ref(), &settings.state)?;
    let metrics = settings.metrics.map(metrics::server::listen).transpose()?;
    // The lists are read and built while the kernel checks the program.
    let (lists, force) = (lists_of(&settings, before.as_ref())?, settings.force);
    let classes = before.as_ref().map(Before::classes).unwrap_or_default();
    let assets = settings.assets.clone();
    let machines = aside(move || Machines::new(assets))?;
    let first = aside(move || first(&lists, force, classes))?;
    let remotes = Remotes::new(settings.state.clone());
    let takes = settings.evidence.is_some();
    let mut datapath = load_over(settings.kernel_log, &settings.view, settings.flows, takes, pins.as_ref())?;
    if let Some(pins) = &pins {
        check_pins(&mut datapath.ebpf, settings.view.direction, pins)?;
    }
    let estate = pins.as_ref().map(|pins| pins.identity().map(|maps| Estate::of(&settings.state, maps)));
    let estate = estate.transpose()?;
    if settings.reattach && settings.view.direction.incoming() {
        // An interface that comes back may have another's XDP program by then.
        behind::prepare(&mut datapath.ebpf)?;
    }
    if settings.kernel_log {
        kernel_log::forward(&mut datapath.ebpf)?;
    }
    let records = Arc::new(Records::default());
    let settled = Arc::new(AtomicU64::new(0));
    let mut loader = Loader::new(datapath.installer, Arc::clone(&records), Arc::clone(&settled));
    let built = tokio::select! {
        built = first => built.context("the loading thread died")??,
        // A server may take its time.
        ending = signals.next() => {
            let ending = if ending?.signal == Signal::SIGINT { "interrupted" } else { "terminated" };
            bail!("{ending} while the lists were read");
        }
    };
    if let Some(before) = &before {
        before.hand_over(&mut loader, &built);
    } else if let Some(estate) = &estate {
        estate.make()?;
    }
    if let Some(estate) = &estate {
        loader.leave_to_the_next(estate.clone());
    }
    let round = built.round.clone();
    let loaded = loader.activate(built)?;
    remotes.note(&round, None);
    drop(round);
    loaded.warnings.iter().for_each(|warning| warn!("{warning}"));
    let machines = Arc::new(machines.await.context("the reading thread died")??);
    // Before anything is attached: a log that cannot be opened is refused.
    let (incidents, mut incident) = mpsc::unbounded_channel();
    let (mut sinks, mut closed) = Sinks::open(settings.format, &settings.sinks, &incidents)?;
    let (told, mut sealed) = mpsc::unbounded_channel();
    if let Some(sealing) = &settings.sealing {
        sinks.seal(sealing, &incidents, told)?;
    } else {
        drop(told);
    }
    let mut evidence = None;
    let mut taking = None;
    if let Some(spec) = &settings.evidence {
        let (ring, lost) = (datapath.evidence, datapath.evidence_lost);
        let opened = Evidence::open(spec, ring, lost, Arc::clone(&records), incidents.clone())?;
        (evidence, taking) = (Some(opened.0), Some(opened.1));
    }
    if let Some(before) = &before {
        before.books.carry_looks(&datapath.counters);
    }
    let places = (settings.sandbox != Sandbox::Off).then(|| places(&settings));
    let canary = canary::first(&datapath.ebpf, &datapath.counters, loader.canary())?;
    if let Some(estate) = &estate {
        keep_looks(estate, &datapath.counters);
    }
    let none_left = Arc::new(Notify::new());
    let Settings { interfaces, view, mode, force, .. } = &settings;
    let how = How { direction: view.direction, wish: *mode, force: *force };
    let mut watch =
        Watch::start(datapath.ebpf, interfaces, how, pins, &records, Arc::clone(&none_left)).await?;
    let matching = began.elapsed();
    let listening = Listening::default();
    if settings.learn {
        let watched = records.lock().interfaces.clone();
        let watched = watched.into_iter().map(|(index, (name, _))| (name, index));
        listening.start(watched, &machines, &incidents);
    }
    // While there is one thread: those to come are confined with it.
    let (places, made) = places.map_or((None, None), |(places, made)| (Some(places), made));
    let confined = places.map_or_else(|| Ok(Confined::not()), |places| confine(&places, settings.sandbox));
    let going = confined.and_then(|confined| {
        sinks.start()?;
        if let Some(taking) = &mut taking {
            taking.start()?;
        }
        Ok(confined)
    });
    let Confined { readable, said: sandbox } = match going {
        Ok(confined) => confined,
        Err(error) => {
            watch.detach(None).await?;
            return Err(error);
        }
    };
    info!(
        "watching with {} lists, {} IPv4 and {} IPv6 ranges; matching {:.0} ms after the start",
        loaded.lists,
        loaded.ranges_v4,
        loaded.ranges_v6,
        matching.as_secs_f64() * 1e3
    );
    let (ledger, tallies) = (Ledger::default(), sinks.tallies());
    let malformed =
        before.as_ref().map_or(0, |before| before.books.open(&ledger, tallies.first().map(|tally| &**tally)));
    if fixed {
        loader.fix();
    }
    let commands = Arc::new(Commands {
        readable,
        sandbox,
        fixed,
        records,
        loader: Mutex::new(loader),
        watch: tokio::sync::Mutex::new(watch),
        counters: datapath.counters,
        sinks: tallies,
        ledger,
        table: Arc::new(datapath.flows),
        stream: Stream::default(),
        malformed: AtomicU64::new(malformed),
        started,
        machines,
        listening,
        nat64: view.nat64,
        lists_changed: Notify::new(),
        remotes,
        incidents,
        estate: estate.clone(),
        leave: Notify::new(),
        left_to: OnceLock::new(),
        canary: Mutex::new(canary),
        stale: settings.stale,
        troubles: Mutex::default(),
        loader_said: Mutex::default(),
        evidence,
    });
    let mut alerts = Alerts::new(Arc::clone(&commands), sinks, Limit::new(settings.limit), settings.audit);
    let mut sweep = Sweep::new(Arc::clone(&commands.table), settings.pace, settled);
    if let Some(before) = &before {
        before.books.remember(&mut alerts);
        alerts.go_on_from(datapath.consumed);
        sweep.wake();
    }
    let mut keeper = estate.clone().map(Keeper::new);
    let begin = tokio::time::Instant::now() + settings.stats_every;
    let mut stats = tokio::time::interval_at(begin, settings.stats_every);
    let mut receiver = Receiver::new(datapath.alerts).context("cannot poll the ring")?;
    let serving = tokio::spawn({
        let commands = Arc::clone(&commands);
        async move { serve(&socket, commands).await }
    });
    let metrics =
        metrics.map(|listener| metrics::server::start(listener, Arc::clone(&commands))).transpose()?;
    let looking = tokio::spawn(canary::keep_looking(Arc::clone(&commands), settings.canary_every));
    let watching = tokio::spawn(look_after(Arc::clone(&commands), settings.reattach));
    let inspecting = tokio::spawn(inspect(Arc::clone(&commands), settings.silence));
    let refreshing = tokio::spawn(refresh(Arc::clone(&commands)));
    let following = settings.watch_lists.then(|| {
        [tokio::spawn(follow(Arc::clone(&commands))), tokio::spawn(assets::follow(Arc::clone(&commands)))]
    });
    alerts.tell_start(loaded.generation).await;
    if let Some(before) = before {
        alerts.report(before.tell(&commands.counters)?);
    }
    let every = settings.sealing.as_ref().map(|sealing| sealing.interval);
    let beating = every.map(|every| tokio::spawn(beat(Arc::clone(&commands), every)));
    let mut manager = Manager::new();
    Manager::ready(&format!("watching {}", settings.interfaces.join(", ")));
    let mut batch = Vec::new();
    let (reason, by) = loop {
        tokio::select! {
            received = receiver.receive(&mut batch) => {
                received.context("cannot poll the ring")?;
                alerts.handle(&mut batch);
                sweep.wake();
                keeper.iter_mut().for_each(Keeper::wake);
            }
            () = sweep.due() => {
                sweep.step(&mut alerts);
                keeper.iter_mut().for_each(Keeper::wake);
            }
            _ = stats.tick() => alerts.stats(),
            () = async { if let Some(keeper) = &keeper { keeper.due().await } else { pending().await } } => {
                keeper.iter_mut().for_each(|keeper| keeper.keep(&commands, &alerts));
            }
            () = commands.leave.notified() => break (ends("another daemon takes over").0, commands.left_to.get().copied()),
            ending = signals.next() => {
                let Ending { signal, sender } = ending.context("cannot wait for signals")?;
                info!("{}", if signal == Signal::SIGINT { "interrupted" } else { "terminated" });
                break (signal.as_str(), sender);
            }
            _ = hangup.recv() => reload(&commands),
            _ = rotated.recv() => alerts.sinks.reopen(),
            Some(incident) = incident.recv() => {
                alerts.report(incident);
                keeper.iter_mut().for_each(Keeper::wake);
            }
            Some(event) = sealed.recv() => alerts.publish(event),
            () = manager.due() => Manager::alive(),
            () = none_left.notified() => break ends("no interface is left to watch"),
            _ = &mut closed => break ends("nobody reads the output any more"),
        }
    };
    Manager::stopping();
    beating.iter().for_each(JoinHandle::abort);
    // An older heartbeat may not come behind the last one.
    while let Ok(incident) = incident.try_recv() {
        alerts.report(incident);
    }
    if let Some(every) = every {
        alerts.report(Incident::Heartbeat(Box::new(heartbeat(&commands, every).await)));
    }
    // What is taken off now is not to be put on again.
    watching.abort();
    let _aborted = watching.await;
    let stays = commands.watch.lock().await.is_pinned();
    if !stays {
        commands.detach_all().await;
    }
    // Nothing can come any more: the ring is read to its end, the table told, the queue written, and the sum is final.
    // What is pinned goes on, and may never be quiet: then the next daemon reads the rest.
    for _ in 0..(if stays { MOST_BATCHES } else { usize::MAX }) {
        if receiver.drain(&mut batch) {
            break;
        }
        alerts.handle(&mut batch);
    }
    alerts.handle(&mut batch);
    sweep.finish(&mut alerts);
    if let Some(taking) = taking {
        taking.finish(FAREWELL);
    }
    alerts.stats();
    while let Ok(incident) = incident.try_recv() {
        alerts.report(incident);
    }
    alerts.report(Incident::Stopped { reason: reason.to_owned(), by });
    tokio::select! {
        () = alerts.finish(&mut sealed, FAREWELL) => {}
        _ = signals.next() => warn!("told to end again; what is queued is counted as lost"),
    }
    if let Some(estate) = estate {
        if stays {
            keeper.iter_mut().for_each(|keeper| keeper.write(&commands, &alerts));
            info!(
                "the kernel goes on judging; `checker run --pin` goes on with it, `checker detach` ends it"
            );
        } else {
            estate.remove();
        }
    }
    drop(metrics);
    following.iter().flatten().chain([&looking, &refreshing, &inspecting]).for_each(JoinHandle::abort);
    serving.abort();
    // Joined, so that the socket's file is gone when this returns.
    let _aborted = serving.await;
    drop(made);
    let account = commands.account()?;
    if stays { Ok(account) } else { close(account) }
}

/// The lists that were asked for, or those that the daemon before had.
fn lists_of(settings: &Settings, before: Option<&Before>) -> anyhow::Result<Vec<ListSpec>> {
    if !settings.lists.is_empty() {
        return Ok(settings.lists.clone());
    }
    let Some(before) = before else {
        bail!("no list is named; give one with -l [LABEL=]PATH or --config FILE");
    };
    Ok(before.lists())
}

/// Has a daemon that listens there end, and leave to this one what it has pinned.
async fn take_over(control: &Path) -> anyhow::Result<()> {
    let listens = || client::is_listening(control);
    if !listens() {
        return Ok(());
    }
    let path = control.to_owned();
    let asked = tokio::task::spawn_blocking(move || client::ask(&path, &Request::Leave));
    asked.await.context("the asking thread died")??;
    let began = Instant::now();
    while listens() {
        if began.elapsed() > HANDOVER {
            bail!("the daemon that listens on {} does not end", control.display());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Says why it ends, where no signal is the reason.
fn ends(reason: &'static str) -> (&'static str, Option<Peer>) {
    info!("{reason}");
    (reason, None)
}

/// On SIGHUP: beside the loop, which goes on reading the ring.
fn reload(commands: &Arc<Commands>) {
    let commands = Arc::clone(commands);
    tokio::spawn(async move {
        match commands.reload_all(false).await {
            Ok(reply) => commands.tell_reloaded("SIGHUP", &reply),
            Err(error) => warn!("the last good generation stays: {error:#}"),
        }
    });
}

/// What is still queued at the end was never written: its reader was too slow.
fn close(mut account: Account) -> anyhow::Result<Account> {
    let rows = account.labels.iter_mut().map(|label| &mut label.row);
    for row in rows.chain([&mut account.total]) {
        row.lost.reader_too_slow += std::mem::take(&mut row.queued);
    }
    for sink in &mut account.sinks {
        let queued = std::mem::take(&mut sink.queued);
        let lost = &mut sink.lost;
        *if sink.failing.is_some() { &mut lost.failed } else { &mut lost.too_slow } += queued;
    }
    Ok(account)
}
