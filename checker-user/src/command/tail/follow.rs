//! Events from the daemon → those that are wanted → standard output.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::{ColorChoice, adapter::strip_bytes};
use anyhow::{Context as _, bail, ensure};
use jiff::Timestamp;

use super::{
    ends::{Ends, Next, Signals, Written},
    past::Past,
    summary::Summary,
};
use crate::{
    alerts::{event::Event, filter::Filter, line::Line, write::Format},
    cli::control::Tail,
    control::{
        client,
        protocol::{Reply, Request},
    },
    exit_code::ExitCode,
};

/// Prints events until the daemon ends, somebody asks it to stop, or whoever reads the output has seen enough. Asked to
/// stop, it prints a summary on standard error, unless `quiet`.
///
/// # Errors
///
/// A filter that is none, no daemon, or a line that is not an event.
pub fn tail(arguments: &Tail, quiet: bool) -> anyhow::Result<ExitCode> {
    let filter = arguments.filter.as_deref().map(str::parse::<Filter>).transpose()?;
    let since = arguments.since.map(|since| since.0);
    ensure!(since.is_none_or(|since| since <= Timestamp::now()), "--since is in the future");
    // Before the first event, so that none comes between it and the summary.
    let signals = Signals::block()?;
    // The daemon knows of no filter: whoever has one looks through all that there is.
    let all = since.is_some() || (filter.is_some() && arguments.last.is_some());
    let last = if all { usize::MAX } else { arguments.last.unwrap_or(0) };
    let request = Request::Tail { last, follow: !arguments.no_follow };
    let (reply, input) = client::open(&arguments.control.socket, &request)?;
    let Reply::Tail { past, forgotten } = reply else {
        bail!("the daemon answered something else; is it another version?")
    };
    let reader = Reader {
        filter,
        since,
        format: Format::or_fitting(arguments.output),
        coloured: anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never,
        past: Past::new(past, forgotten, arguments.last),
        summary: Summary::default(),
    };
    reader.read(Ends::new(input, signals)?, arguments.no_follow, quiet)
}

struct Reader {
    filter: Option<Filter>,
    since: Option<Timestamp>,
    format: Format,
    coloured: bool,
    past: Past,
    summary: Summary,
}

impl Reader {
    fn read(mut self, mut ends: Ends, no_follow: bool, quiet: bool) -> anyhow::Result<ExitCode> {
        loop {
            for line in self.past.ready() {
                match self.print(&line, &mut ends)? {
                    Written::All => {}
                    Written::Asked => return Ok(self.stop(quiet)),
                    Written::Unread => return Ok(ExitCode::Clean),
                }
            }
            match ends.next().context("the daemon hung up")? {
                Next::Line(line) => self.take(line)?,
                Next::Asked => return Ok(self.stop(quiet)),
                Next::Unread => return Ok(ExitCode::Clean),
                Next::End if no_follow => return Ok(ExitCode::Clean),
                Next::End => bail!("the daemon has ended; this is not silence"),
            }
        }
    }

    /// Whether the event in `line` is wanted, and if so, what of it is printed when.
    fn take(&mut self, line: String) -> anyhow::Result<()> {
        let event = event(&line)?;
        self.summary.came(&event);
        // Live events are later, unless the clock jumps back: that must not hide them.
        let early = self.past.expected() && self.since.is_some_and(|since| event.timestamp.0 < since);
        let (first, wanted) =
            (event.timestamp, self.filter.as_ref().is_none_or(|filter| filter.shows(&event)));
        if self.since.is_some_and(|since| first.0 > since)
            && let Some(forgotten) = self.past.gap()
        {
            tracing::warn!(
                "the daemon keeps its last events only, from {first}; {forgotten} before that are in its output alone"
            );
        }
        if !wanted && !early {
            self.summary.filtered_out();
        }
        self.past.came((wanted && !early).then_some(line));
        Ok(())
    }

    fn print(&mut self, line: &str, ends: &mut Ends) -> anyhow::Result<Written> {
        let whole: Event = serde_json::from_str(line).context(NO_EVENT)?;
        let mut formatted = Vec::new();
        self.format.write(&whole, &mut formatted)?;
        if !self.coloured {
            formatted = strip_bytes(&formatted).flatten().copied().collect();
        }
        let written = ends.write(&formatted).context("cannot write to standard output")?;
        if written == Written::All {
            self.summary.shown(&event(line)?);
        }
        Ok(written)
    }

    fn stop(&self, quiet: bool) -> ExitCode {
        if !quiet {
            // Behind the ^C that a terminal shows.
            let start = if io::stderr().is_terminal() { "\n" } else { "" };
            // Standard error may be closed; there is nobody else to tell.
            let _unheard = write!(io::stderr(), "{start}{}", self.summary);
        }
        ExitCode::Clean
    }
}

const NO_EVENT: &str = "the daemon's event is not understood; is it another version?";

fn event(line: &str) -> anyhow::Result<Line<'_>> {
    serde_json::from_str(line).context(NO_EVENT)
}
