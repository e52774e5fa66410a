//! Arguments → command → exit code.

use std::{process::ExitCode, time::Instant};

use checker_user::{cli::Cli, command, diagnostics, exit_code};
use clap::Parser as _;

fn main() -> ExitCode {
    let began = Instant::now();
    let cli = Cli::parse();
    diagnostics::start(&cli);
    match command::carry_out(cli.command, cli.quiet, began) {
        Ok(code) => code.into(),
        Err(error) => {
            diagnostics::fatal(&error);
            exit_code::ExitCode::Error.into()
        }
    }
}
