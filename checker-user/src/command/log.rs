//! `checker log`: what was done to a sealed log, proofs, and the key.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, bail};
use serde_json::json;

use super::print;
use crate::{
    cli::log::{KeyFile, Log, LogCommand, Prove, Verify},
    exit_code::ExitCode,
    printable::printable,
    sealed::{
        key::{self, Key, PublicKey},
        prove::prove as prove_line,
        verify::{Options, Report, anchor::Anchor, named_key, verify as verify_log},
    },
};

/// Does what was asked for.
///
/// # Errors
///
/// What cannot be read.
pub fn log(arguments: &Log) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        LogCommand::Verify(arguments) => verify(arguments),
        LogCommand::Prove(arguments) => prove(arguments),
        LogCommand::Key(arguments) => show_key(arguments),
    }
}

fn verify(arguments: &Verify) -> anyhow::Result<ExitCode> {
    let key = arguments.key.as_deref().map(public).transpose()?;
    let mut anchors = Vec::new();
    for path in &arguments.anchor {
        anchors.extend(Anchor::read(path)?);
    }
    let report = verify_log(&arguments.file, &Options { key, anchors })?;
    if arguments.json {
        print::json(&as_json(&report))?;
    } else {
        print::text(&as_text(&arguments.file, &report))?;
    }
    Ok(if report.findings.is_empty() { ExitCode::Clean } else { ExitCode::Restricted })
}

fn as_text(file: &Path, report: &Report) -> String {
    let file = printable(&file.to_string_lossy()).into_owned();
    let mut text = String::new();
    for finding in &report.findings {
        let line = if finding.line > 0 { format!(":{}", finding.line) } else { String::new() };
        let sentence = finding.what.to_string();
        let _infallible = writeln!(text, "{file}{line}: {}", printable(&sentence));
    }
    if report.uncounted > 0 {
        let _infallible = writeln!(text, "{file}: and {} more lines", report.uncounted);
    }
    for note in &report.notes {
        let _infallible = writeln!(text, "note: {note}");
    }
    let verdict = if report.findings.is_empty() { "as it was written" } else { "NOT as it was written" };
    let _infallible = writeln!(text, "{file}: {verdict}; {}", report.summary);
    text
}

fn as_json(report: &Report) -> serde_json::Value {
    let findings = report.findings.iter().map(|finding| {
        let line = (finding.line > 0).then_some(finding.line);
        json!({ "line": line, "what": finding.what.name(), "sentence": finding.what.to_string() })
    });
    json!({
        "good": report.findings.is_empty(),
        "findings": findings.collect::<Vec<_>>(),
        "more": report.uncounted,
        "notes": report.notes,
        "summary": report.summary,
    })
}

fn prove(arguments: &Prove) -> anyhow::Result<ExitCode> {
    let key = match &arguments.key {
        Some(key) => public(key)?,
        None => named_key(&arguments.file)?,
    };
    let checkpoint = match &arguments.checkpoint {
        Some(path) => match Anchor::read(path)?.as_slice() {
            [one] => Some(one.clone()),
            more => bail!("{} has {} checkpoints; one is needed", path.display(), more.len()),
        },
        None => None,
    };
    print::text(&prove_line(&arguments.file, arguments.line, &key, checkpoint.as_ref())?)?;
    Ok(ExitCode::Clean)
}

fn show_key(arguments: &KeyFile) -> anyhow::Result<ExitCode> {
    let path = key::place(arguments.path.as_deref());
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read the key {}", path.display()))?;
    let key = Key::parse(&text).with_context(|| format!("the key {} is of no use", path.display()))?;
    print::text(&format!("{}\n", key.public().text()))?;
    Ok(ExitCode::Clean)
}

/// A key as it was typed, or the name of a file with one.
fn public(text: &str) -> anyhow::Result<PublicKey> {
    match fs::read_to_string(text) {
        // A key file has the private half first; it is of no use here.
        Ok(content) => {
            let last = content.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            PublicKey::parse(last).with_context(|| format!("the key {}", printable(text)))
        }
        Err(_) => PublicKey::parse(text).with_context(|| format!("the key {}", printable(text))),
    }
}
