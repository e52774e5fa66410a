//! What goes to standard error: through `tracing`, never mixed with alerts.

use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};
use tracing::level_filters::LevelFilter;

use crate::{
    cli::{Cli, Color},
    printable::printable,
};

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Sets level and colours for the whole process.
pub fn start(cli: &Cli) {
    match cli.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    let level = match i16::from(cli.verbose) - i16::from(cli.quiet) {
        i16::MIN..=-2 => LevelFilter::ERROR,
        -1 => LevelFilter::WARN,
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        2..=i16::MAX => LevelFilter::TRACE,
    };
    let colours = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(colours)
        .with_max_level(level)
        .with_target(false)
        .without_time()
        .init();
    // One more, and the HTTP client would write down URLs with the secrets in them.
    log::set_max_level(log::LevelFilter::Debug);
}

/// The last words of a command that failed: one prefix for all messages.
pub fn fatal(error: &anyhow::Error) {
    let message = format!("{error:#}");
    let lines: Vec<_> = message.lines().map(printable).collect();
    // Standard error may be closed; there is nobody else to tell.
    let _unheard = writeln!(anstream::stderr(), "{ERROR}checker:{ERROR:#} {}", lines.join("\n"));
}
