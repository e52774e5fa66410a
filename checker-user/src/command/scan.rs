//! `checker scan`: restricted addresses in logs, as grep would look for them, and in captures.

use std::{
    io::{self, IsTerminal as _, Write as _},
    num::NonZero,
    thread,
};

use anstream::ColorChoice;
use anyhow::{Context as _, bail};
use checker_common::candidate::Sides;

use super::check;
use crate::{
    alerts::write::Format,
    cli::{
        scan::{Ends, Output, Scan},
        switch::Switch,
    },
    datapath::direction::nat64,
    exit_code::ExitCode,
    offline::{
        capture::judge::View,
        files::targets,
        follow,
        input::{Kind, Target},
        judge::Judge,
        progress,
        scan::{Scanner, Settings},
        text::{
            hits::Wanted,
            write::{Form, human::Human},
        },
    },
    printable::printable,
    ranges::spec::ListSpec,
};

/// Scans everything, prints what it finds, and at the end a summary on standard error unless `quiet`.
///
/// # Errors
///
/// When a list is refused, or standard output fails. An input that cannot be read is said, and the others are still
/// scanned.
pub fn scan(arguments: &Scan, lists: &[ListSpec], quiet: bool) -> anyhow::Result<ExitCode> {
    let (generation, classes) = check::load(lists)?;
    let found = targets(&arguments.paths);
    for error in &found.errors {
        tracing::error!("{}", printable(error));
    }
    let several = found.folder || arguments.paths.len() > 1;
    let settings = Settings {
        judge: Judge::new(generation),
        classes,
        view: view(arguments)?,
        wanted: if arguments.invert { Wanted::Others } else { Wanted::Matching },
        file_name: (several || arguments.with_filename) && !arguments.no_filename,
        form: form(arguments, several)?,
        threads: arguments
            .threads
            .map_or_else(thread::available_parallelism, Ok)
            .unwrap_or(NonZero::<usize>::MIN),
        progress: progress::bar(&found.targets, !quiet && !arguments.follow),
    };
    let mut scanner = Scanner::new(&settings);
    let ended = if arguments.follow {
        let [target @ Target::File(path)] = found.targets.as_slice() else {
            bail!("--follow takes one file");
        };
        if path.is_file() && target.open(&settings.progress).is_ok_and(|input| input.kind == Kind::Capture) {
            bail!("--follow is for logs; a capture that is still being written can be piped");
        }
        follow::follow(path, &mut scanner)
    } else {
        scanner.scan(&found.targets)
    };
    settings.progress.finish_and_clear();
    ended.context("cannot write to standard output")?;
    if !quiet {
        // Standard error may be closed; there is nobody else to tell.
        let _unheard = io::stderr().write_all(scanner.summary().as_bytes());
    }
    Ok(if scanner.failed || !found.errors.is_empty() {
        ExitCode::Error
    } else if scanner.restricted() {
        ExitCode::Restricted
    } else {
        ExitCode::Clean
    })
}

fn view(arguments: &Scan) -> anyhow::Result<View> {
    Ok(View {
        sides: Sides {
            source: arguments.direction != Ends::Destination,
            destination: arguments.direction != Ends::Source,
        },
        tunnels: arguments.tunnels == Switch::On,
        nat64: nat64(&arguments.nat64)?,
    })
}

fn form(arguments: &Scan, several: bool) -> anyhow::Result<Form> {
    let alerts = |name, format| {
        if arguments.invert || arguments.only_matching {
            bail!(
                "--output {name} tells of restricted addresses; it takes neither --invert nor --only-matching"
            );
        }
        Ok(Form::Alerts(format))
    };
    match arguments.output {
        Output::Eve => alerts("eve", Format::Eve),
        Output::Ocsf => alerts("ocsf", Format::Ocsf),
        Output::Ecs => alerts("ecs", Format::Ecs),
        Output::Count => Ok(Form::Count),
        Output::Human if arguments.count => Ok(Form::Count),
        Output::Human => {
            let coloured = anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never;
            Ok(Form::Human(Human {
                file_name: (several || arguments.with_filename) && !arguments.no_filename,
                line_number: arguments.line_number,
                only_matching: arguments.only_matching,
                explained: coloured || io::stdout().is_terminal(),
                coloured,
            }))
        }
    }
}
