//! `checker run`: the daemon in the foreground. Alerts on standard output, the account on standard error at the end.

use std::{
    io,
    path::{self, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use nix::unistd::Group;

use super::{account, named::Named, sinks};
use crate::{
    alerts::write::Format,
    cli::{run::Run, switch::Switch},
    control::access::Readers,
    daemon::{run::run as run_daemon, settings::Settings, sweep::Pace},
    datapath::{
        attach::ModeWish,
        direction::{Direction, View, nat64},
    },
    exit_code::ExitCode,
    ranges::spec::ListSpec,
    sandbox::degree::Sandbox,
};

/// Runs until interrupted. A daemon that was told to stop has done its work: 0, whatever it found.
///
/// # Errors
///
/// What kept it from starting.
pub fn run(arguments: Run, named: Named, began: Instant) -> anyhow::Result<ExitCode> {
    if arguments.direction == Direction::Egress && arguments.mode != ModeWish::Auto {
        bail!("--mode is about what an interface receives; --direction egress looks at what it sends only");
    }
    let pinning = arguments.pins.pinning();
    if named.lists.is_empty() && pinning.is_none() {
        bail!("no list is named; give one with -l [LABEL=]PATH or --config FILE");
    }
    if arguments.sandbox == Sandbox::NoCapabilities {
        if pinning.is_none() {
            bail!("--sandbox no-capabilities takes --pin: only a new daemon loads other lists then");
        }
        if arguments.health.reattach {
            bail!("--reattach takes CAP_NET_ADMIN, which --sandbox no-capabilities gives up");
        }
    }
    let lists = named.lists.into_iter().map(ListSpec::absolute).collect::<Result<_, _>>()?;
    let settings = Settings {
        interfaces: arguments.interfaces,
        lists,
        view: View {
            direction: arguments.direction,
            tunnels: arguments.tunnels == Switch::On,
            nat64: nat64(&arguments.nat64)?,
        },
        mode: arguments.mode,
        assets: arguments.assets.or(named.assets).map(path::absolute).transpose()?,
        learn: arguments.learn == Switch::On,
        format: Format::or_fitting(arguments.output),
        sinks: sinks::specs(&arguments.sinks)?,
        sealing: arguments.sealed.sealing(),
        evidence: arguments.evidence.spec()?,
        control: arguments.control.socket,
        readers: readers(arguments.group.as_deref())?,
        kernel_log: arguments.kernel_log,
        state: path::absolute(arguments.lists.state)?,
        flows: arguments.flows,
        pace: Pace { every: arguments.every, idle: arguments.flow_timeout },
        limit: arguments.limit,
        stats_every: arguments.stats_every,
        watch_lists: arguments.watch_lists == Switch::On,
        force: arguments.force,
        metrics: arguments.health.metrics,
        stale: arguments.health.stale,
        canary_every: arguments.health.canary_every,
        silence: arguments.health.silence,
        reattach: arguments.health.reattach,
        audit: arguments.health.audit == Switch::On,
        pinning,
        sandbox: arguments.sandbox,
        list_dirs: absolute(arguments.list_dirs)?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(run_daemon(settings, began));
    // A request that is under way would hold it up for minutes.
    runtime.shutdown_timeout(Duration::from_secs(1));
    let account = ended?;
    account::print(&account);
    Ok(ExitCode::Clean)
}

fn readers(group: Option<&str>) -> anyhow::Result<Readers> {
    let Some(name) = group else { return Ok(Readers::WhoOpens) };
    let found = Group::from_name(name).with_context(|| format!("cannot look for the group {name}"))?;
    let group = found.with_context(|| format!("there is no group {name}; --group names one"))?;
    Ok(Readers::Group(group.gid))
}

fn absolute(folders: Vec<PathBuf>) -> io::Result<Vec<PathBuf>> {
    folders.into_iter().map(path::absolute).collect()
}
