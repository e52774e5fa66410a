//! `checker lists fetch`: asks for lists once and keeps what is good, as the daemon does; it need not run.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::{Result, ensure};

use super::{named::named, print};
use crate::{
    cli::control::Fetch,
    exit_code::ExitCode,
    ranges::{
        classes::Classes,
        compile::compile,
        gather::gather_by,
        guard,
        merge::merge,
        parse::List,
        remote::round::{Outcome, Round, usable},
        shrunk,
        spec::ListSpec,
    },
};

/// Prints a line for each URL; [`ExitCode::Error`] when one of them is not as it should be.
///
/// # Errors
///
/// When no list has a URL, or the output fails.
pub fn fetch(arguments: &Fetch) -> Result<ExitCode> {
    let specs = named(&arguments.lists)?;
    let mut places: BTreeMap<&Path, Vec<ListSpec>> = BTreeMap::new();
    for spec in specs.iter().filter(|spec| spec.remote.is_some()) {
        places.entry(&spec.path).or_default().push(spec.clone());
    }
    ensure!(!places.is_empty(), "none of these lists has a URL");
    let mut code = ExitCode::Clean;
    let mut text = String::new();
    for specs in places.into_values() {
        let shown = specs[0].shown_path();
        let line = match one(&specs, arguments.force) {
            Ok(what) => format!("{shown}: {what}\n"),
            Err(error) => {
                code = ExitCode::Error;
                // Most reasons begin with what they are about.
                let why = format!("{error:#}");
                format!("{shown}: refused: {}\n", why.strip_prefix(&format!("{shown}: ")).unwrap_or(&why))
            }
        };
        text += &line;
    }
    print::text(&text)?;
    Ok(code)
}

/// What came of one URL, in words.
fn one(specs: &[ListSpec], force: bool) -> Result<String> {
    let round = Round::ask(specs);
    let (what, bytes) = match round.outcome(&specs[0]) {
        Some(Outcome::Unreachable { why, .. } | Outcome::Refused(why)) => anyhow::bail!("{why}"),
        Some(Outcome::NotModified) => ("not modified", None),
        Some(Outcome::Body(body)) => ("fetched", Some(body.bytes.len())),
        None => anyhow::bail!("was not asked for"),
    };
    let fresh = read(specs, |spec| round.source(spec))?;
    if bytes.is_some() && !force {
        let copy = |spec: &ListSpec| {
            usable(spec).map(|(_, source)| source).ok_or_else(|| anyhow::anyhow!("there is no copy"))
        };
        // A copy that cannot be read any more is nothing to compare with.
        if let Ok(before) = read(specs, copy) {
            shrunk::check(&before, &fresh)?;
        }
        let compiled = compile(merge(fresh.clone(), &mut Classes::default())?);
        guard::check(&compiled, &guard::own_addresses(), &[])?;
    }
    for warning in fresh.iter().flat_map(|list| list.warnings()) {
        tracing::warn!("{warning}");
    }
    let unkept = round.keep();
    ensure!(unkept.is_empty(), "{}", unkept.join("\n"));
    let ranges: usize = fresh.iter().map(|list| list.entries.len()).sum();
    let sha256 = fresh.first().map(|list| list.sha256_hex()).unwrap_or_default();
    let bytes = bytes.map(|bytes| format!("{bytes} bytes, ")).unwrap_or_default();
    Ok(format!("{what}, {bytes}{ranges} ranges, sha256 {}", sha256.get(..16).unwrap_or_default()))
}

fn read(
    specs: &[ListSpec],
    source: impl Fn(&ListSpec) -> Result<crate::ranges::source::Source>,
) -> Result<Vec<Arc<List>>> {
    Ok(gather_by(specs, source)?.into_iter().map(Arc::new).collect())
}
