//! Everything up, in order; the packets of each interface are judged from the moment that it is attached to.

use std::{
    sync::{Arc, Mutex, OnceLock, atomic::AtomicU64},
    time::Instant,
};

use anyhow::{Context as _, bail};
use nix::sys::signal::Signal;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Notify, mpsc},
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
    heartbeat::beat,
    inspect::inspect,
    ledger::Ledger,
    limit::Limit,
    loader::{Loader, first},
    lookout::look_after,
    notify::Manager,
    places::places,
    records::Records,
    refresh::refresh,
    remotes::Remotes,
    run::{Running, Tasks},
    settings::{Pinning, Settings},
    signals::Signals,
    sweep::Sweep,
    take_over::take_over,
    watch::{How, Watch},
};
use crate::{
    alerts::{moment::Moment, receive::Receiver, stream::Stream, write::sink::sinks::Sinks},
    assets::{learn::listen::Listening, machines::Machines},
    control::{server::serve, socket},
    datapath::{
        behind, kernel_log,
        load::load_over,
        pins::{Pins, attach::check as check_pins},
        preflight::{preflight, without_capabilities},
    },
    evidence::Evidence,
    metrics,
    ranges::spec::ListSpec,
    sandbox::{
        confine::{Confined, confine},
        degree::Sandbox,
    },
};

/// Brings the daemon up; `began` is when the process did.
///
/// # Errors
///
/// What kept it from starting: one sentence, and nothing is left of it.
pub(super) async fn start(settings: Settings, began: Instant) -> anyhow::Result<Running> {
    let started = Moment(jiff::Timestamp::now());
    preflight()?;
    let fixed = settings.sandbox == Sandbox::NoCapabilities;
    if fixed {
        without_capabilities()?;
    }
    descriptors::raise();
    // Before anything is made that a signal would leave behind.
    let signals = Signals::new()?;
    let hangup = signal(SignalKind::hangup())?;
    let rotated = signal(SignalKind::user_defined1())?;
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
    let (incidents, incident) = mpsc::unbounded_channel();
    let (mut sinks, closed) = Sinks::open(settings.format, &settings.sinks, &incidents)?;
    let (told, sealed) = mpsc::unbounded_channel();
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
    let keeper = estate.clone().map(Keeper::new);
    let begin = tokio::time::Instant::now() + settings.stats_every;
    let stats = tokio::time::interval_at(begin, settings.stats_every);
    let receiver = Receiver::new(datapath.alerts).context("cannot poll the ring")?;
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
    let manager = Manager::new();
    Manager::ready(&format!("watching {}", settings.interfaces.join(", ")));
    Ok(Running {
        commands,
        alerts,
        sweep,
        keeper,
        stats,
        receiver,
        batch: Vec::new(),
        signals,
        hangup,
        rotated,
        incident,
        sealed,
        closed,
        none_left,
        manager,
        beat_every: every,
        taking,
        estate,
        tasks: Tasks {
            serving,
            watching,
            beating,
            others: following.into_iter().flatten().chain([looking, refreshing, inspecting]).collect(),
        },
        metrics,
        made,
    })
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
