//! `checker explain ADDR…`: every range that covers an address, and which one wins; by lists that are named, or by those
//! that a running daemon has loaded.

use std::{
    io::{self, BufRead as _, BufWriter, Write},
    net::IpAddr,
};

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, bail};
use checker_common::nat64::Nat64;

use super::{check, named::named};
use crate::{
    cli::judge::Explain,
    control::{
        client,
        protocol::{Reply, Request},
    },
    exit_code::ExitCode,
    printable::printable,
    ranges::{
        action::Action,
        explain::{Covering, Explanation, Lookup, Standing, explain as explain_by},
    },
};

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const BOLD: Style = Style::new().bold();

/// Explains each address, and returns what the worst of them calls for, as `checker check` does.
///
/// # Errors
///
/// When a list is refused, there is no daemon, or standard input or output fails.
pub fn explain(arguments: &Explain) -> anyhow::Result<ExitCode> {
    let explained: Box<dyn Fn(IpAddr) -> anyhow::Result<Explanation>> =
        if arguments.lists.lists.is_empty() && arguments.lists.config.is_none() {
            Box::new(|address| ask(arguments, address))
        } else {
            let (generation, _) = check::load(&named(&arguments.lists)?)?;
            Box::new(move |address| Ok(explain_by(&generation, address, &Nat64::WELL_KNOWN)))
        };
    let mut out = BufWriter::new(anstream::stdout().lock());
    let mut worst = ExitCode::Clean;
    let typed = arguments.addresses.iter().cloned().map(Ok);
    let piped = io::stdin().lock().split(b'\n').filter_map(check::address);
    let addresses: Box<dyn Iterator<Item = io::Result<String>>> =
        if arguments.addresses.is_empty() { Box::new(piped) } else { Box::new(typed) };
    for text in addresses {
        let text = text?;
        let explanation = text.parse().ok().map(&explained).transpose()?;
        worst = worst.max(match &explanation {
            Some(Explanation { restricted: true, .. }) => ExitCode::Restricted,
            Some(_) => ExitCode::Clean,
            None => ExitCode::Error,
        });
        let written = if arguments.json {
            write_json(&text, explanation.as_ref(), &mut out)
        } else {
            write(&text, explanation.as_ref(), &mut out)
        };
        match written.and_then(|()| out.flush()) {
            // Whoever stops reading has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(worst),
            done => done.context("cannot write to standard output")?,
        }
    }
    Ok(worst)
}

fn ask(arguments: &Explain, address: IpAddr) -> anyhow::Result<Explanation> {
    let Reply::Explained(explanation) =
        client::ask(&arguments.control.socket, &Request::Explain { address })?
    else {
        bail!("the daemon answered something else; is it another version?")
    };
    Ok(*explanation)
}

/// One line; `{"invalid": …}` for what is no address.
fn write_json(text: &str, explanation: Option<&Explanation>, out: &mut impl Write) -> io::Result<()> {
    match explanation {
        Some(explanation) => serde_json::to_writer(&mut *out, explanation)?,
        None => serde_json::to_writer(&mut *out, &serde_json::json!({ "invalid": text }))?,
    }
    writeln!(out)
}

fn write(text: &str, explanation: Option<&Explanation>, out: &mut impl Write) -> io::Result<()> {
    let (style, sentence) = match explanation {
        Some(Explanation { restricted: true, .. }) => (RED, "ALERT: Restricted Region Detected"),
        Some(_) => (GREEN, "Status: Compliant"),
        None => (YELLOW, "Invalid IP"),
    };
    writeln!(out, "{}: {style}{sentence}{style:#}", printable(text))?;
    for lookup in explanation.iter().flat_map(|explanation| &explanation.lookups) {
        let Lookup { address, via, ranges } = lookup;
        match via {
            Some(via) => writeln!(out, "  {address}, carried in it ({via}):")?,
            None => writeln!(out, "  {address}:")?,
        }
        if ranges.is_empty() {
            writeln!(out, "    no range covers it")?;
        }
        write_ranges(ranges, out)?;
    }
    Ok(())
}

/// A line for each, in columns.
fn write_ranges(ranges: &[Covering], out: &mut impl Write) -> io::Result<()> {
    let rows: Vec<_> = ranges.iter().map(|range| (range, origin(range))).collect();
    let width = |of: &dyn Fn(&(&Covering, String)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let prefixes = width(&|(range, _)| range.prefix.to_string().len());
    let labels = width(&|(range, _)| range.label.as_str().chars().count());
    let origins = width(&|(_, origin)| origin.chars().count());
    for (range, origin) in &rows {
        let Covering { standing, prefix, label, action, .. } = range;
        let style = if *standing == Standing::Wins { BOLD } else { Style::new() };
        let prefix = prefix.to_string();
        writeln!(
            out,
            "    {style}{prefix:prefixes$}  {action:5}  {label:labels$}  {origin:origins$}  {}{style:#}",
            reason(range, ranges)
        )?;
    }
    Ok(())
}

/// `one.txt:2@b0e7d452 plain`, and the day that it is of.
fn origin(range: &Covering) -> String {
    let Covering { list, line, sha256, format, as_of, .. } = range;
    let short = sha256.get(..8).unwrap_or(sha256);
    let as_of = as_of.as_ref().map(|day| format!(" of {day}")).unwrap_or_default();
    format!("{}:{line}@{short} {format}{}", printable(list), printable(&as_of))
}

fn reason(range: &Covering, ranges: &[Covering]) -> String {
    let any = |standing| ranges.iter().any(|other| other.standing == standing);
    let winner = ranges.iter().find(|other| other.standing == Standing::Wins);
    let strongest = winner.map_or(Action::Alert, |winner| winner.action);
    match range.standing {
        Standing::Wins if any(Standing::Weaker) => "wins: the strongest action of the longest prefix".into(),
        Standing::Wins if any(Standing::Later) => "wins: the first of the longest prefix".into(),
        Standing::Wins if any(Standing::Wider) => "wins: the longest prefix".into(),
        Standing::Wins => "wins: the only range".into(),
        Standing::Wider => "a longer prefix wins".into(),
        Standing::Weaker => format!("{strongest} is stronger than {}", range.action),
        Standing::Later => "the one named first wins".into(),
    }
}
