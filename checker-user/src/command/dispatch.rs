//! Typed command → the file that carries it out.

use std::time::Instant;

use anyhow::bail;

use super::{change, check, detach, lists, run, status, tail};
use crate::{
    cli::{Command, Lists},
    config,
    control::protocol::Request,
    exit_code::ExitCode,
    ranges::source::ListSpec,
};

/// Carries out one command; `began` is when the process started.
///
/// # Errors
///
/// One sentence for the user.
pub fn carry_out(command: Command, began: Instant) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(arguments) => {
            let lists = named(&arguments.lists)?;
            run::run(arguments, lists, began)
        }
        Command::Tail(arguments) => tail::tail(&arguments),
        Command::Load(arguments) => {
            let lists = arguments.lists.into_iter().map(ListSpec::absolute).collect::<Result<_, _>>()?;
            let request = Request::Load { lists, force: arguments.force };
            change::change(&arguments.control.socket, &request)
        }
        Command::Unload(arguments) => {
            change::change(&arguments.control.socket, &Request::Unload { label: arguments.label })
        }
        Command::Reload(arguments) => {
            change::change(&arguments.control.socket, &Request::Reload { force: arguments.force })
        }
        Command::Lists(arguments) => lists::lists(&arguments),
        Command::Status(arguments) => status::status(&arguments),
        Command::Detach(arguments) => detach::detach(arguments),
        Command::Check(arguments) => check::check(&named(&arguments.lists)?, &arguments.addresses),
    }
}

/// The lists of the command line, then those of the configuration file.
fn named(lists: &Lists) -> anyhow::Result<Vec<ListSpec>> {
    let mut specs = lists.lists.clone();
    if let Some(path) = &lists.config {
        specs.extend(config::read(path)?);
    }
    if specs.is_empty() {
        bail!("no list is named; give one with -l [LABEL=]PATH or --config FILE");
    }
    Ok(specs)
}
