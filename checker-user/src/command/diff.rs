//! `checker diff [LABEL=]PATH…`: what would change if these lists were loaded; in addresses, not in lines. The files are
//! read here, with the rights of whoever asks; the daemon only says what it has.

use std::{fmt::Write as _, sync::Arc};

use anyhow::bail;
use serde::Serialize;

use super::{named::read_as, print};
use crate::{
    cli::judge::Diff,
    control::{
        client,
        protocol::{LabelAddresses, Reply, Request},
    },
    exit_code::ExitCode,
    ranges::{
        aggregate::{Addresses, Size, aggregate},
        classes::Classes,
        compile::compile,
        difference::difference,
        gather::gather,
        guard,
        label::Label,
        merge::merge,
        parse::List,
        shrunk,
        spec::ListSpec,
    },
};

/// What would change for one label.
#[derive(Serialize)]
struct Change {
    label: Label,
    /// Whether the label is loaded at all.
    loaded: bool,
    added: Side,
    removed: Side,
    /// Why `checker load` would refuse it without `--force`.
    refused: Option<String>,
}

/// Addresses that come or go.
#[derive(Serialize)]
struct Side {
    /// The fewest prefixes that hold them.
    prefixes: Vec<String>,
    /// IPv4 addresses.
    ipv4: u64,
    /// IPv6 addresses; in digits, since it can be more than a JSON number carries.
    ipv6: String,
    #[serde(skip)]
    size: Size,
}

/// Prints what would come and go; [`ExitCode::Restricted`] says that there is a difference, as diff(1) does.
///
/// # Errors
///
/// When a list is refused, or there is no daemon.
pub fn diff(arguments: &Diff) -> anyhow::Result<ExitCode> {
    let fresh = read(arguments.lists.clone(), arguments)?;
    let mut labels: Vec<_> = fresh.iter().map(|list| list.spec.label.clone()).collect();
    labels.sort();
    labels.dedup();
    let before = if arguments.against.is_empty() {
        ask(arguments, &labels)?
    } else {
        let against = read(arguments.against.clone(), arguments)?;
        let of_label = |label: &Label| {
            let loaded = against.iter().any(|list| list.spec.label == *label);
            (loaded, shrunk::addresses(&against, label))
        };
        labels.iter().map(of_label).collect()
    };
    let guarded = guarded(&fresh)?;
    let changes: Vec<_> = labels
        .into_iter()
        .zip(before)
        .map(|(label, (loaded, before))| {
            let after = shrunk::addresses(&fresh, &label);
            let shrunk = shrunk::compare(&label, before.size(), after.size());
            let refused = shrunk.err().map(|refused| refused.to_string()).or_else(|| guarded.clone());
            let (added, removed) = (side(&after, &before), side(&before, &after));
            Change { label, loaded, added, removed, refused }
        })
        .collect();
    if arguments.json {
        print::json(&changes)?;
    } else {
        print::text(&text(&changes))?;
    }
    let same = |change: &Change| change.added.prefixes.is_empty() && change.removed.prefixes.is_empty();
    Ok(if changes.iter().all(same) { ExitCode::Clean } else { ExitCode::Restricted })
}

fn read(lists: Vec<ListSpec>, arguments: &Diff) -> anyhow::Result<Vec<Arc<List>>> {
    let lists = gather(&read_as(lists, &arguments.reading)?)?;
    for warning in lists.iter().flat_map(List::warnings) {
        tracing::warn!("{warning}");
    }
    Ok(lists.into_iter().map(Arc::new).collect())
}

/// What the daemon has, in the order of `labels`.
fn ask(arguments: &Diff, labels: &[Label]) -> anyhow::Result<Vec<(bool, Addresses)>> {
    let request = Request::Addresses { labels: labels.to_vec() };
    let Reply::Addresses(loaded) = client::ask(&arguments.control.socket, &request)? else {
        bail!("the daemon answered something else; is it another version?")
    };
    let set = |LabelAddresses { loaded, prefixes }: LabelAddresses| {
        (loaded, aggregate(prefixes.into_iter().map(|net| (net, true))))
    };
    Ok(loaded.into_iter().map(set).collect())
}

/// What the guards say of these lists by themselves; the daemon may have exceptions that make them content.
fn guarded(fresh: &[Arc<List>]) -> anyhow::Result<Option<String>> {
    let compiled = compile(merge(fresh.to_vec(), &mut Classes::default())?);
    let checked = guard::check(&compiled, &guard::own_addresses(), &[]);
    Ok(checked.err().map(|refused| refused.to_string()))
}

fn side(set: &Addresses, other: &Addresses) -> Side {
    let difference = difference(set, other);
    let size = difference.size();
    let prefixes = difference.prefixes().map(|net| net.to_string()).collect();
    Side { prefixes, ipv4: size.v4, ipv6: size.v6.to_string(), size }
}

fn text(changes: &[Change]) -> String {
    let mut text = String::new();
    for Change { label, loaded, added, removed, refused } in changes {
        let unknown = if *loaded { "" } else { " is not loaded" };
        let (more, fewer) = (counted(added.size), counted(removed.size));
        let _infallible = match (added.prefixes.is_empty(), removed.prefixes.is_empty()) {
            (true, true) => writeln!(text, "{label}{unknown}: no difference"),
            (false, true) => writeln!(text, "{label}{unknown}: {more} more"),
            (true, false) => writeln!(text, "{label}{unknown}: {fewer} fewer"),
            (false, false) => writeln!(text, "{label}{unknown}: {more} more, {fewer} fewer"),
        };
        for (sign, side) in [('-', removed), ('+', added)] {
            for prefix in &side.prefixes {
                let _infallible = writeln!(text, "{sign} {prefix}");
            }
        }
        if let Some(refused) = refused {
            let _infallible = writeln!(text, "! would be refused: {refused}");
        }
    }
    text
}

/// `256 IPv4 addresses`, `65536 IPv6 networks of 64 bits`, or both.
fn counted(Size { v4, v6, .. }: Size) -> String {
    let v4 = (v4 > 0).then(|| format!("{v4} IPv4 addresses"));
    let v6 = match v6 {
        0 => None,
        few if few < 1 << 64 => Some(format!("{few} IPv6 addresses")),
        many => Some(format!("{} IPv6 /64s", many >> 64)),
    };
    v4.into_iter().chain(v6).collect::<Vec<_>>().join(" and ")
}
