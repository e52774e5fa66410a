//! `checker tail`: the alerts of a running daemon, as they come.

use std::io::{self, BufRead as _, Write};

use anyhow::{Context as _, bail};

use crate::{
    alerts::{event::Event, write::Format},
    cli::Tail,
    control::{client, protocol::Request},
    exit_code::ExitCode,
};

/// Prints events until the daemon ends, or whoever reads the output has seen enough.
///
/// # Errors
///
/// No daemon, or a line that is not an event.
pub fn tail(arguments: &Tail) -> anyhow::Result<ExitCode> {
    let request = Request::Tail { last: arguments.last, follow: !arguments.no_follow };
    let (_, events) = client::open(&arguments.control.socket, &request)?;
    let format = Format::or_fitting(arguments.output);
    let mut output = anstream::stdout().lock();
    let mut formatted = Vec::new();
    for line in events.lines() {
        let line = line.context("the daemon hung up")?;
        let event: Event = serde_json::from_str(&line)
            .context("the daemon's event is not understood; is it another version?")?;
        formatted.clear();
        format.write(&event, &mut formatted)?;
        // Line by line: an alert that waits in a buffer is no live alert.
        match output.write_all(&formatted).and_then(|()| output.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::Clean),
            written => written.context("cannot write to standard output")?,
        }
    }
    if !arguments.no_follow {
        bail!("the daemon has ended; this is not silence");
    }
    Ok(ExitCode::Clean)
}
