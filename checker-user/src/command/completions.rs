//! `checker completions` and `checker man`: what a package ships beside the binary, made from the definitions in `cli.rs`.

use anyhow::{Context as _, bail};
use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::print;
use crate::{cli::Cli, exit_code::ExitCode};

/// Prints a shell's completions.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn completions(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "checker", &mut script);
    print::text(&String::from_utf8(script)?)?;
    Ok(ExitCode::Clean)
}

/// Prints the manual page of `checker`, or of one command.
///
/// # Errors
///
/// "there is no command …", or when standard output cannot be written.
pub fn man(command: Option<&str>) -> anyhow::Result<ExitCode> {
    let mut all = Cli::command();
    // Names the commands `checker-run` and `checker run`, as their pages do.
    all.build();
    let page = match command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(found) => found.clone(),
            None => bail!("there is no command {name}"),
        },
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text).context("cannot make the page")?;
    print::text(&String::from_utf8(text)?)?;
    Ok(ExitCode::Clean)
}
