//! `checker report FILE…`: logs of alerts as tables, as JSON or as a page.

use std::{fs, io::Write as _, os::unix::fs::MetadataExt as _, path::Path};

use anyhow::{Context as _, bail, ensure};

use super::print;
use crate::{
    cli::report::Report,
    exit_code::ExitCode,
    offline::{files::targets, input::Target, progress},
    printable::printable,
    report::{
        html::page,
        json::json,
        read::{Wanted, read},
        text::text,
    },
};

/// Reads everything, and prints or writes one report, with whatever could be read.
///
/// # Errors
///
/// A filter that is none, nothing that is a record, or a report that cannot be written.
pub fn report(arguments: &Report, quiet: bool) -> anyhow::Result<ExitCode> {
    let wanted = Wanted {
        since: arguments.since.map(|since| since.0),
        until: arguments.until.map(|until| until.0),
        filter: arguments.filter.as_deref().map(str::parse).transpose()?,
    };
    if let (Some(since), Some(until)) = (wanted.since, wanted.until) {
        ensure!(since < until, "--until is not after --since");
    }
    let mut found = targets(&arguments.files);
    for error in &found.errors {
        tracing::error!("{}", printable(error));
    }
    once(&mut found.targets);
    if let Some(path) = arguments.html.as_deref().filter(|path| *path != Path::new("-")) {
        // Before an hour of reading, and never in the place of what is read.
        ensure!(
            !found.targets.iter().any(|target| same(target, path)),
            "{} is one of the logs; the page would take its place",
            path.display()
        );
    }
    let progress = progress::bar(&found.targets, !quiet);
    let (reading, tally) = read(&found.targets, &wanted, &progress);
    progress.finish_and_clear();
    let failed = reading.failed || !found.errors.is_empty();
    if reading.useless() {
        bail!(
            "none of {} lines is a record of checker; the first: {}",
            reading.lines,
            reading.named.join("; ")
        );
    }
    let top = arguments.top;
    match &arguments.html {
        Some(path) if path.as_os_str() == "-" => print::text(&page(&reading, &tally, &wanted, top))?,
        Some(path) => {
            write(path, &page(&reading, &tally, &wanted, top))?;
            tracing::info!("wrote {}", printable(&path.to_string_lossy()));
        }
        None if arguments.json => print::json(&json(&reading, &tally, top))?,
        None => print::text(&text(&reading, &tally, top))?,
    }
    Ok(if failed {
        ExitCode::Error
    } else if tally.total.alerts > 0 {
        ExitCode::Restricted
    } else {
        ExitCode::Clean
    })
}

/// A file that is named twice, in whatever way, is read once.
fn once(targets: &mut Vec<Target>) {
    let mut seen = Vec::new();
    targets.retain(|target| {
        let id = identity(target);
        let again = id.is_some() && seen.contains(&id);
        seen.push(id);
        !again
    });
}

fn identity(target: &Target) -> Option<(u64, u64)> {
    match target {
        Target::Stdin => None,
        Target::File(path) => fs::metadata(path).ok().map(|file| (file.dev(), file.ino())),
    }
}

fn same(target: &Target, path: &Path) -> bool {
    identity(target).is_some_and(|id| identity(&Target::File(path.to_owned())) == Some(id))
}

/// Whole or not at all, and for its owner alone: it names machines.
fn write(path: &Path, page: &str) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(page.as_bytes())?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map(drop).with_context(|| format!("cannot write {}", path.display()))
}
