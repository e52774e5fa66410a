//! The lists that a command line names, with how they are to be read. What must be said of the countries that were
//! chosen goes to standard error.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{
    cli::lists::{Lists, ReadingOptions},
    config,
    ranges::{groups::Groups, parse::date::today, spec::ListSpec},
};

/// What the command line and the configuration file name.
pub struct Named {
    /// The lists of the command line, then those of the configuration file.
    pub(super) lists: Vec<ListSpec>,
    /// The configuration file's records of machines.
    pub(super) assets: Option<PathBuf>,
}

/// The lists of the command line, then those of the configuration file.
pub(super) fn named(lists: &Lists) -> Result<Vec<ListSpec>> {
    let named = all_named(lists)?.lists;
    if named.is_empty() {
        bail!("no list is named; give one with -l [LABEL=]PATH or --config FILE");
    }
    Ok(named)
}

/// Everything that is named, which may be nothing.
pub(super) fn all_named(lists: &Lists) -> Result<Named> {
    let mut specs = read_as(lists.lists.clone(), &lists.reading)?;
    let mut assets = None;
    if let Some(path) = &lists.config {
        let configured = config::read(path)?;
        say(&configured.notes, configured.stale.as_deref());
        warn_of_plain(&configured.lists);
        specs.extend(configured.lists);
        assets = configured.assets;
    }
    let specs = specs.into_iter().map(|spec| spec.kept_in(&lists.state)).collect();
    Ok(Named { lists: specs, assets })
}

/// The same lists, to be read as the options say.
pub(super) fn read_as(mut specs: Vec<ListSpec>, options: &ReadingOptions) -> Result<Vec<ListSpec>> {
    let ReadingOptions { format, country, country_group, no_hk, groups, field, lenient } = options;
    let groups = Groups::read(groups.as_deref())?;
    let selection = groups.select(country, country_group, !no_hk, today())?;
    say(&selection.notes, selection.stale.as_deref());
    for spec in &mut specs {
        spec.reading.format = *format;
        spec.reading.field.clone_from(field);
        spec.reading.countries.clone_from(&selection.countries);
        spec.reading.lenient = *lenient;
    }
    warn_of_plain(&specs);
    Ok(specs)
}

/// Whoever is on the way can put an own list in the place of one that comes unencrypted and is not pinned.
fn warn_of_plain(specs: &[ListSpec]) {
    for spec in specs {
        if let Some(remote) = &spec.remote
            && !remote.url.is_encrypted()
            && spec.pin.is_none()
        {
            tracing::warn!(
                "{}: plain http without a sha256 pin: anybody on the way can change the list",
                remote.url
            );
        }
    }
}

fn say(notes: &[String], stale: Option<&str>) {
    for note in notes {
        tracing::info!("{note}");
    }
    if let Some(stale) = stale {
        tracing::warn!("{stale}");
    }
}
