//! Start, loop, stop.

use std::{
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use checker_common::alert::{AlertRecord, Undecodable};
use nix::sys::signal::Signal as Number;
use tokio::{
    signal::unix::Signal,
    sync::{Notify, mpsc::UnboundedReceiver, oneshot},
    task::JoinHandle,
    time::Interval,
};
use tracing::{info, warn};

use super::{
    alerts::Alerts,
    commands::Commands,
    estate::{Estate, keep::Keeper},
    notify::Manager,
    places::Made,
    settings::Settings,
    signals::{Ending, Signals},
    start::start,
    stop::stop,
    sweep::Sweep,
};
use crate::{
    alerts::{event::Event, facts::Peer, incident::Incident, receive::Receiver},
    control::account::Account,
    evidence, metrics,
};

/// A daemon that watches: what the loop waits for, and what is to be taken down behind it.
pub(super) struct Running {
    pub(super) commands: Arc<Commands>,
    pub(super) alerts: Alerts,
    pub(super) sweep: Sweep,
    /// Writes down what the next daemon must know, with pins.
    pub(super) keeper: Option<Keeper>,
    pub(super) stats: Interval,
    pub(super) receiver: Receiver,
    pub(super) batch: Vec<Result<AlertRecord, Undecodable>>,
    pub(super) signals: Signals,
    pub(super) hangup: Signal,
    pub(super) rotated: Signal,
    pub(super) incident: UnboundedReceiver<Incident>,
    /// Checkpoints of the sealed log.
    pub(super) sealed: UnboundedReceiver<Event>,
    /// Fires when nobody reads standard output any more.
    pub(super) closed: oneshot::Receiver<()>,
    pub(super) none_left: Arc<Notify>,
    pub(super) manager: Manager,
    /// How often the sealed log has a heartbeat.
    pub(super) beat_every: Option<Duration>,
    pub(super) taking: Option<evidence::Ending>,
    pub(super) estate: Option<Estate>,
    pub(super) tasks: Tasks,
    pub(super) metrics: Option<metrics::server::Server>,
    /// The state folder, if it was made.
    pub(super) made: Option<Made>,
}

/// What runs beside the loop.
pub(super) struct Tasks {
    pub(super) serving: JoinHandle<()>,
    pub(super) watching: JoinHandle<()>,
    pub(super) beating: Option<JoinHandle<()>>,
    pub(super) others: Vec<JoinHandle<()>>,
}

/// Why it ends, and who sent the signal.
pub(super) type Reason = (&'static str, Option<Peer>);

/// Runs until a signal, until nothing is left to watch, or until nobody reads the output; gives the account.
///
/// # Errors
///
/// What kept it from starting. Once it has started it only ends.
pub async fn run(settings: Settings, began: Instant) -> anyhow::Result<Account> {
    let mut running = start(settings, began).await?;
    let reason = running.watch().await?;
    stop(running, reason).await
}

impl Running {
    /// The loop; gives why it ended.
    async fn watch(&mut self) -> anyhow::Result<Reason> {
        let Self { commands, alerts, sweep, keeper, receiver, batch, .. } = self;
        loop {
            tokio::select! {
                received = receiver.receive(batch) => {
                    received.context("cannot poll the ring")?;
                    alerts.handle(batch);
                    sweep.wake();
                    keeper.iter_mut().for_each(Keeper::wake);
                }
                () = sweep.due() => {
                    sweep.step(alerts);
                    keeper.iter_mut().for_each(Keeper::wake);
                }
                _ = self.stats.tick() => alerts.stats(),
                () = async { if let Some(keeper) = &*keeper { keeper.due().await } else { pending().await } } => {
                    keeper.iter_mut().for_each(|keeper| keeper.keep(commands, alerts));
                }
                () = commands.leave.notified() => {
                    return Ok((ends("another daemon takes over").0, commands.left_to.get().copied()));
                }
                ending = self.signals.next() => {
                    let Ending { signal, sender } = ending.context("cannot wait for signals")?;
                    info!("{}", if signal == Number::SIGINT { "interrupted" } else { "terminated" });
                    return Ok((signal.as_str(), sender));
                }
                _ = self.hangup.recv() => reload(commands),
                _ = self.rotated.recv() => alerts.sinks.reopen(),
                Some(incident) = self.incident.recv() => {
                    alerts.report(incident);
                    keeper.iter_mut().for_each(Keeper::wake);
                }
                Some(event) = self.sealed.recv() => alerts.publish(event),
                () = self.manager.due() => Manager::alive(),
                () = self.none_left.notified() => return Ok(ends("no interface is left to watch")),
                _ = &mut self.closed => return Ok(ends("nobody reads the output any more")),
            }
        }
    }
}

/// Says why it ends, where no signal is the reason.
fn ends(reason: &'static str) -> Reason {
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
