//! `checker top`: the daemon on the terminal.

use std::io;

use crate::{cli::control::Top, exit_code::ExitCode, top::run::run};

/// Shows it until the user has seen enough.
///
/// # Errors
///
/// No terminal.
pub fn top(arguments: &Top) -> anyhow::Result<ExitCode> {
    let colours = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    run(&arguments.control.socket, arguments.delay, colours)?;
    Ok(ExitCode::Clean)
}
