//! `checker run`: the daemon in the foreground. Alerts on standard output, the account on standard error at the end.

use std::time::Instant;

use super::account;
use crate::{
    alerts::write::Format,
    cli::{Run, Switch},
    daemon::run::{Settings, run as run_daemon},
    datapath::direction::{View, nat64},
    exit_code::ExitCode,
    ranges::source::ListSpec,
};

/// Runs until interrupted. A daemon that was told to stop has done its work: 0, whatever it found.
///
/// # Errors
///
/// What kept it from starting.
pub fn run(arguments: Run, lists: Vec<ListSpec>, began: Instant) -> anyhow::Result<ExitCode> {
    let lists = lists.into_iter().map(ListSpec::absolute).collect::<Result<_, _>>()?;
    let settings = Settings {
        interfaces: arguments.interfaces,
        lists,
        view: View {
            direction: arguments.direction,
            tunnels: arguments.tunnels == Switch::On,
            nat64: nat64(&arguments.nat64)?,
        },
        mode: arguments.mode,
        format: Format::or_fitting(arguments.output),
        control: arguments.control.socket,
        kernel_log: arguments.kernel_log,
        force: arguments.force,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let account = runtime.block_on(run_daemon(settings, began))?;
    account::print(&account);
    Ok(ExitCode::Clean)
}
