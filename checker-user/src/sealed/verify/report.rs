//! A log, a key and anchors → what is wrong.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, ErrorKind, Read as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{
    anchor::Anchor,
    finding::{Finding, Wrong},
    leaves::Leaves,
    pass::{Outcome, Wanted, pass},
};
use crate::{
    printable::printable,
    sealed::{
        files::tree_of,
        key::{PublicKey, Untrusted},
        recover::LONGEST,
        seal::Head,
        tree,
    },
};

/// What a log is checked with.
#[derive(Default)]
pub struct Options {
    /// The key that should have signed it; the one that it names itself otherwise.
    pub key: Option<PublicKey>,
    /// Checkpoints from elsewhere.
    pub anchors: Vec<Anchor>,
}

/// What there is to say of a log.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong, by line.
    pub findings: Vec<Finding>,
    /// How much more is wrong than that.
    pub uncounted: u64,
    /// What should be known.
    pub notes: Vec<String>,
    /// How much was looked at.
    pub summary: String,
}

/// Checks the log at `path`.
///
/// # Errors
///
/// When it cannot be read, or is no sealed log.
pub fn verify(path: &Path, options: &Options) -> anyhow::Result<Report> {
    let shown = printable(&path.to_string_lossy()).into_owned();
    let cannot = || format!("cannot read {shown}");
    // How far the tree goes is asked first: a log that is being written has a line for each of its hashes.
    let tree = match File::open(tree_of(path)) {
        Ok(tree) => Some(tree),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("cannot read {shown}.tree")),
    };
    let stored = tree.as_ref().map(|tree| tree::Reader(tree).records()).transpose().with_context(cannot)?;
    let mut notes = Vec::new();
    let mut findings = Vec::new();
    let first = first(path).with_context(cannot)?;
    if first.is_none() {
        if tree.is_none() {
            bail!("{shown} is no sealed log: its first line does not say that it is one");
        }
        findings.push(Finding { line: 1, what: Wrong::NoBeginning });
    }
    let named = first.as_ref().and_then(|first| PublicKey::parse(&first.key).ok());
    let key = options.key.clone().or_else(|| {
        notes.push(
            "checked with the key that the log itself names; only --key says whose log it is".to_owned(),
        );
        named
    });
    let origin = first.as_ref().map(|first| first.origin.as_str());
    let anchors = anchors(&options.anchors, key.as_ref(), origin, &mut findings);
    let wanted = || Wanted { key: key.as_ref(), origin, anchors: &anchors };
    let open = || File::open(path).with_context(cannot);
    let leaves = tree.zip(stored).map(|(tree, records)| Leaves::new(tree, records));
    let with_tree = leaves.is_some();
    let mut outcome = pass(open()?, leaves, wanted()).with_context(cannot)?;
    if outcome.is_none() {
        notes.push(format!("{shown}.tree is not the tree that the checkpoints sign; it was not used"));
        outcome = pass(open()?, None::<Leaves<File>>, wanted()).with_context(cannot)?;
    } else if !with_tree {
        notes.push(format!(
            "there is no {shown}.tree, so a record that was altered cannot be told from its neighbours"
        ));
    }
    let outcome = outcome.context("a pass without a tree always comes to an end")?;
    notes.extend(outcome.notes.iter().cloned());
    let summary = summary(&outcome, origin);
    findings.extend(outcome.findings);
    findings.sort_by_key(|finding| finding.line);
    Ok(Report { findings, uncounted: outcome.uncounted, notes, summary })
}

/// The key that a log itself names.
///
/// # Errors
///
/// When it cannot be read, or is no sealed log.
pub fn named_key(path: &Path) -> anyhow::Result<PublicKey> {
    let shown = printable(&path.to_string_lossy()).into_owned();
    let first = first(path).with_context(|| format!("cannot read {shown}"))?;
    let first = first
        .with_context(|| format!("{shown} is no sealed log: its first line does not say that it is one"))?;
    PublicKey::parse(&first.key).with_context(|| format!("the key that {shown} names"))
}

fn summary(outcome: &Outcome, origin: Option<&str>) -> String {
    let Outcome { lines, checkpoints, starts, from, to, .. } = outcome;
    let origin = printable(origin.unwrap_or("no name")).into_owned();
    let (from, to) = (printable(from), printable(to));
    format!("{origin}: {lines} records, {checkpoints} checkpoints, {starts} starts, from {from} to {to}")
}

/// What the first record says.
struct First {
    origin: String,
    key: String,
}

fn first(path: &Path) -> std::io::Result<Option<First>> {
    let mut line = Vec::new();
    BufReader::new(File::open(path)?).take(LONGEST as u64).read_until(b'\n', &mut line)?;
    let Ok(record) = serde_json::from_slice::<Value>(&line) else { return Ok(None) };
    let about = &record["integrity"];
    let text = |field: &str| about[field].as_str().map(str::to_owned);
    Ok(match (about["what"].as_str(), text("origin"), text("key")) {
        (Some("log_opened"), Some(origin), Some(key)) => Some(First { origin, key }),
        _ => None,
    })
}

/// Those that can be trusted, by size.
fn anchors(
    anchors: &[Anchor],
    key: Option<&PublicKey>,
    origin: Option<&str>,
    findings: &mut Vec<Finding>,
) -> Vec<(String, Head)> {
    let mut trusted = Vec::new();
    for anchor in anchors {
        let why = match key.map(|key| anchor.open(key)) {
            Some(Ok(head)) if head.size == 0 => continue,
            Some(Ok(head)) if origin.is_none_or(|origin| origin == head.origin) => {
                trusted.push((anchor.name.clone(), head));
                continue;
            }
            Some(Ok(_)) => "it is of another log",
            Some(Err(Untrusted::OtherKey)) => "another key signed it",
            Some(Err(Untrusted::Forged)) => "its signature is forged",
            Some(Err(Untrusted::Malformed)) => "it is no signed checkpoint",
            None => "there is no key to check it with",
        };
        let what = Wrong::AnchorUntrusted { anchor: anchor.name.clone(), why };
        findings.push(Finding { line: 0, what });
    }
    trusted.sort_by_key(|(_, head)| head.size);
    trusted
}
