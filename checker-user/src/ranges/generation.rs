//! One complete compiled set with a number, and what it can say about itself: alerts name the generation they came
//! from, and ask it which range they met.

use std::{net::IpAddr, path::PathBuf, time::SystemTime};

use ipnet::IpNet;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::alerts::moment::Moment;

use super::{
    action::Action, compile::Compiled, label::Label, merge::Range, parse::Format, severity::Severity,
};

/// What is, was or could be in force as a whole.
#[derive(Clone, Debug)]
pub struct Generation {
    /// Numbers only grow; 0 is for none.
    pub number: u64,
    /// The tables and the lists they came from.
    pub compiled: Compiled,
    /// When its files were read.
    pub loaded_at: SystemTime,
}

/// The range that an address met, in the words of the list it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched<'a> {
    /// The range; an IPv4 one for an IPv4-mapped address.
    pub prefix: IpNet,
    /// What the user calls the list.
    pub label: &'a Label,
    /// What the list asks for.
    pub action: Action,
    /// How grave that is.
    pub severity: Severity,
    /// The list's file, without the folders and safe to show.
    pub list: &'a str,
    /// Hash of that file: lower-case hexadecimal digits.
    pub sha256: String,
    /// The line of the file; in a binary format the offset in bytes.
    pub line: u32,
    /// The format of the file.
    pub format: Format,
    /// The day that the file says it is of.
    pub as_of: Option<Date>,
}

/// One list of a generation, as `checker lists` shows it and the control socket carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListReport {
    /// What the user calls it.
    pub label: Label,
    /// What it asks for.
    pub action: Action,
    /// Its file; for a list that is fetched, where its copy stands.
    pub path: PathBuf,
    /// Where it is fetched from, without secrets.
    pub url: Option<String>,
    /// How grave it is to meet it: 1 is the highest, 3 the lowest.
    pub severity: u8,
    /// The file's name without the folders, safe to show.
    pub name: String,
    /// Hash of the file: lower-case hexadecimal digits.
    pub sha256: String,
    /// IPv4 ranges in the file, duplicates included.
    pub ranges_v4: usize,
    /// IPv6 ranges in the file, duplicates included.
    pub ranges_v6: usize,
    /// Ranges whose host bits were set, and were masked.
    pub masked: usize,
    /// The format that the file was read in.
    pub format: Format,
    /// The day that the file says it is of, as `2026-07-08`.
    pub as_of: Option<String>,
    /// When somebody last wrote to the file that was read; `None` for a pipe.
    pub modified: Option<Moment>,
    /// Lines that were left out, because they are no ranges and the list is read leniently.
    pub left_out: usize,
}

impl Generation {
    /// The narrowest range that covers the address, whatever its action.
    #[must_use]
    pub fn matched(&self, addr: IpAddr) -> Option<Matched<'_>> {
        self.compiled.lookup(addr).map(|range| self.explain(range))
    }

    /// The same for an address as the kernel program found it in a header.
    #[must_use]
    pub fn matched_as_carried(&self, addr: IpAddr) -> Option<Matched<'_>> {
        self.compiled.lookup_as_carried(addr).map(|range| self.explain(range))
    }

    /// A range of this generation in the words of its list.
    ///
    /// # Panics
    ///
    /// May panic for a range of another generation.
    #[must_use]
    pub fn explain(&self, range: &Range) -> Matched<'_> {
        let list = &self.compiled.lists[range.list as usize];
        Matched {
            prefix: range.net(),
            label: &list.spec.label,
            action: range.action,
            severity: list.spec.severity,
            list: &list.name,
            sha256: list.sha256_hex(),
            line: range.line,
            format: list.format,
            as_of: list.as_of,
        }
    }

    /// Its lists in the order in which they were named.
    #[must_use]
    pub fn report(&self) -> Vec<ListReport> {
        let lists = self.compiled.lists.iter().map(|list| {
            let ranges_v4 = list.entries.iter().filter(|entry| matches!(entry.net, IpNet::V4(_))).count();
            let modified = list.stamp.and_then(|stamp| stamp.modified);
            ListReport {
                label: list.spec.label.clone(),
                action: list.spec.action,
                path: list.spec.path.clone(),
                url: list.spec.remote.as_ref().map(|remote| remote.url.to_string()),
                severity: list.spec.severity.number(),
                name: list.name.clone(),
                sha256: list.sha256_hex(),
                ranges_v4,
                ranges_v6: list.entries.len() - ranges_v4,
                masked: list.masked,
                format: list.format,
                as_of: list.as_of.map(|date| date.to_string()),
                modified: modified.and_then(|time| time.try_into().ok()).map(Moment),
                left_out: list.left_out.total,
            }
        });
        lists.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ranges::{classes::Classes, compile::compile, merge::merge, parse::parse, source::Source};

    fn generation() -> Generation {
        let list = |label: &str, text: &str| {
            let spec = format!("{label}=/srv/{label}.txt").parse().unwrap();
            Arc::new(parse(&Source { spec, bytes: text.into(), sha256: [0xab; 32] }).unwrap())
        };
        let lists =
            vec![list("ONE", "203.0.113.1/24\n2001:db8::/32\n203.0.113.0/24"), list("TWO", "203.0.113.7")];
        let compiled = compile(merge(lists, &mut Classes::default()).unwrap());
        Generation { number: 1, compiled, loaded_at: SystemTime::now() }
    }

    #[test]
    fn a_match_names_prefix_list_version_and_line() {
        let generation = generation();
        let matched = generation.matched("::ffff:203.0.113.9".parse().unwrap()).unwrap();
        let expected = Matched {
            prefix: "203.0.113.0/24".parse().unwrap(),
            label: &"ONE".parse().unwrap(),
            action: Action::Alert,
            severity: Severity::default(),
            list: "ONE.txt",
            sha256: "ab".repeat(32),
            line: 1,
            format: Format::Plain,
            as_of: None,
        };
        assert_eq!(matched, expected);
        assert_eq!(generation.matched("203.0.113.7".parse().unwrap()).unwrap().list, "TWO.txt");
        assert_eq!(generation.matched("192.0.2.1".parse().unwrap()), None);
    }

    #[test]
    fn the_report_counts_what_the_files_hold() {
        let report = generation().report();
        assert_eq!(report.len(), 2);
        assert_eq!((report[0].ranges_v4, report[0].ranges_v6, report[0].masked), (2, 1, 1));
        let sent = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Vec<ListReport>>(&sent).unwrap(), report);
    }
}
