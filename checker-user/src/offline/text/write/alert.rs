//! A restricted address in a line of a log, in the shape of the alerts of `checker run` as far as a line of text can
//! fill it: EVE JSON as it is, and what the other forms are made of.

use std::{io, net::IpAddr};

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    alerts::{
        alert::{AlertType, Signature, Verdict},
        moment::Moment,
        write::{Format, ecs, json, ocsf},
    },
    offline::{judge::Judge, text::hits::Line},
    ranges::label::Label,
};

/// EVE JSON.
#[derive(Serialize)]
struct Alert<'a> {
    /// When the line was scanned; what time the line itself names is not looked at.
    timestamp: Moment,
    event_type: AlertType,
    alert: Signature,
    log: Place<'a>,
    checker: Details<'a>,
}

/// Where the address stands.
#[derive(Clone, Copy, Serialize)]
struct Place<'a> {
    file: &'a str,
    /// From 1.
    line: u64,
    /// In bytes, from 1.
    column: usize,
}

/// Why it is restricted; the fields are those of [`crate::alerts::alert::Details`].
#[derive(Serialize)]
struct Details<'a> {
    label: &'a Label,
    matched: IpAddr,
    prefix: String,
    list: &'a str,
    list_sha256: String,
    line: u32,
    basis: &'a str,
}

/// What other forms have no field for.
#[derive(Serialize)]
struct Own<'a> {
    #[serde(flatten)]
    details: &'a Details<'a>,
    log: Place<'a>,
}

/// The evidence of an OCSF finding. Which end of a conversation the address was, a log does not say.
#[derive(Serialize)]
struct Evidence<'a> {
    file: File<'a>,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    /// 1, a regular file.
    type_id: u32,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: ecs::Head<'a>,
    rule: ecs::Rule<'a>,
    related: ecs::Related,
    log: Source<'a>,
    checker: Own<'a>,
}

#[derive(Serialize)]
struct Source<'a> {
    file: Path<'a>,
}

#[derive(Serialize)]
struct Path<'a> {
    path: &'a str,
}

/// Writes a line for each address.
pub(super) fn write(line: &Line<'_>, file: &str, judge: &Judge, format: Format, out: &mut Vec<u8>) {
    let timestamp = Moment(Timestamp::now());
    for hit in line.hits {
        let matched = judge.generation.explain(hit.range);
        let alert = Alert {
            timestamp,
            event_type: AlertType::Alert,
            alert: Signature {
                action: Verdict::Allowed,
                gid: 1,
                signature_id: hit.range.class,
                rev: 1,
                signature: format!("Restricted region: {}", matched.label),
                category: "restricted-range".into(),
                severity: matched.severity.number(),
            },
            log: Place { file, line: line.number, column: hit.start + 1 },
            checker: Details {
                label: matched.label,
                matched: hit.addr.to_canonical(),
                prefix: matched.prefix.to_string(),
                list: matched.list,
                list_sha256: matched.sha256,
                line: matched.line,
                basis: "operator",
            },
        };
        // Strings and numbers always have a JSON form, and a Vec takes all.
        let _infallible = alert.write(format, out);
    }
}

impl Alert<'_> {
    fn write(&self, format: Format, out: &mut Vec<u8>) -> io::Result<()> {
        match format {
            // People get the line itself: `human.rs`.
            Format::Eve | Format::Human => json::write(self, out),
            Format::Ocsf => json::write(&self.finding(), out),
            Format::Ecs => json::write(&self.document(), out),
        }
    }

    fn message(&self) -> String {
        let Details { label, matched, prefix, .. } = &self.checker;
        let Place { file, line, column } = self.log;
        format!("{file}:{line}:{column}: {matched} lies in {prefix} ({label})")
    }

    fn finding(&self) -> ocsf::Finding<'_, Evidence<'_>, Own<'_>> {
        let Place { file, line, column } = self.log;
        ocsf::finding(ocsf::Found {
            uid: format!("{}/{file}:{line}:{column}", self.timestamp),
            timestamp: self.timestamp,
            first_and_last: [self.timestamp; 2],
            count: 1,
            sequence: None,
            signature: &self.alert,
            label: self.checker.label.as_str(),
            message: self.message(),
            matched: self.checker.matched,
            evidence: Evidence { file: File { name: file, type_id: 1 } },
            own: Own { details: &self.checker, log: self.log },
        })
    }

    fn document(&self) -> Document<'_> {
        let Details { matched, list, list_sha256, .. } = &self.checker;
        Document {
            head: ecs::head(self.timestamp, [self.timestamp; 2], self.message(), None, &self.alert),
            rule: ecs::rule(&self.alert, Some(list), Some(list_sha256)),
            related: ecs::related([*matched]),
            log: Source { file: Path { path: self.log.file } },
            checker: Own { details: &self.checker, log: self.log },
        }
    }
}
