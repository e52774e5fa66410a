//! Typed command → the file that carries it out.

use std::time::Instant;

use super::{
    change, check, completions, convert, detach, diff, doctor, explain, fetch, flows, groups, lists, log,
    named::{all_named, named, read_as},
    report, run, scan, status, tail, top,
};
use crate::{
    cli::{Command, control::ListsCommand},
    control::protocol::Request,
    exit_code::ExitCode,
    ranges::spec::ListSpec,
};

/// Carries out one command; `quiet` is how often it was told to say less, `began` when the process started.
///
/// # Errors
///
/// One sentence for the user.
pub fn carry_out(command: Command, quiet: u8, began: Instant) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(arguments) => {
            let named = all_named(&arguments.lists)?;
            run::run(*arguments, named, began)
        }
        Command::Tail(arguments) => tail::tail(&arguments, quiet > 0),
        Command::Load(arguments) => {
            let lists = read_as(arguments.lists, &arguments.reading)?;
            let lists = lists.into_iter().map(ListSpec::absolute).collect::<Result<_, _>>()?;
            let request = Request::Load { lists, force: arguments.force };
            change::change(&arguments.control.socket, &request)
        }
        Command::Unload(arguments) => {
            change::change(&arguments.control.socket, &Request::Unload { label: arguments.label })
        }
        Command::Reload(arguments) => {
            change::change(&arguments.control.socket, &Request::Reload { force: arguments.force })
        }
        Command::Lists(arguments) => match arguments.command {
            Some(ListsCommand::Fetch(arguments)) => fetch::fetch(&arguments),
            None => lists::lists(&arguments.query),
        },
        Command::Top(arguments) => top::top(&arguments),
        Command::Status(arguments) => status::status(&arguments),
        Command::Flows(arguments) => flows::flows(&arguments),
        Command::Detach(arguments) => detach::detach(arguments),
        Command::Check(arguments) => check::check(&named(&arguments.lists)?, &arguments.addresses),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Diff(arguments) => diff::diff(&arguments),
        Command::Convert(arguments) => convert::convert(&arguments),
        Command::Groups(arguments) => groups::groups(&arguments),
        Command::Report(arguments) => report::report(&arguments, quiet > 0),
        Command::Log(arguments) => log::log(&arguments),
        Command::Doctor(arguments) => doctor::doctor(arguments),
        Command::Completions { shell } => completions::completions(shell),
        Command::Man { command } => completions::man(command.as_deref()),
        Command::Scan(arguments) => scan::scan(&arguments, &named(&arguments.lists)?, quiet > 0),
    }
}
