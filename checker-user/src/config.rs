//! Reads `checker.toml`: the lists to load, for those who do not want them on the command line.
//!
//! ```toml
//! [[list]]
//! label = "ONE"        # default: the file's name up to the first dot
//! path = "one.txt"     # from this file's folder; or, in its place:
//! url = "https://lists.example/one.txt"
//! refresh = "6h"       # how often it is fetched; default: "24h"
//! timeout = "1min"     # how long one request may take; default: "5min"
//! sha256 = "e3b0c442…" # what it must be; default: anything
//! action = "alert"     # or "drop", or "allow"; default: "alert"
//! severity = 2         # of its alerts: 1 is the highest, 3 the lowest; default: 2
//! # How it is read; see docs/lists.md. Default: as its content shows.
//! format = "rir"
//! country = ["CN", "RU"]
//! country_group = ["D:5"]
//! hk = false           # CN does not bring HK; default: true
//! field = "country.iso_code"
//! lenient = true       # lines that are no ranges are left out; default: false
//! ```
//!
//! `groups = "ear-groups.toml"` before the first list names another table of country groups, `assets = "assets.csv"` the
//! records of machines.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow};
use serde::Deserialize;
use toml::Spanned;

use crate::{
    printable::printable,
    ranges::{
        action::Action,
        country::Country,
        groups::Groups,
        label::Label,
        parse::{Format, date::today},
        remote::{Remote, interval::Interval, pin::Pin, url::Url},
        severity::Severity,
        spec::ListSpec,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    groups: Option<Spanned<PathBuf>>,
    assets: Option<PathBuf>,
    #[serde(default)]
    list: Vec<Spanned<ListTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListTable {
    label: Option<Label>,
    path: Option<Spanned<PathBuf>>,
    url: Option<Spanned<Url>>,
    refresh: Option<Spanned<Interval>>,
    timeout: Option<Spanned<Interval>>,
    sha256: Option<Pin>,
    #[serde(default)]
    action: Action,
    #[serde(default)]
    severity: Severity,
    format: Option<Format>,
    field: Option<String>,
    #[serde(default)]
    country: Vec<Country>,
    country_group: Option<Spanned<Vec<String>>>,
    #[serde(default = "yes")]
    hk: bool,
    #[serde(default)]
    lenient: bool,
}

const fn yes() -> bool {
    true
}

/// What a configuration file comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Configured {
    /// Its lists, in its order.
    pub lists: Vec<ListSpec>,
    /// Its records of machines.
    pub assets: Option<PathBuf>,
    /// What must be said about the countries that it chooses, each sentence once.
    pub notes: Vec<String>,
    /// The warning that its table of country groups is old.
    pub stale: Option<String>,
}

/// The lists of a configuration file. Their paths are from the file's folder, not from the working
/// directory: the file means the same to whoever reads it.
///
/// # Errors
///
/// One sentence that names the file and the line.
pub fn read(path: &Path) -> Result<Configured> {
    let shown = printable(&path.to_string_lossy()).into_owned();
    let text = fs::read_to_string(path).map_err(|error| anyhow!("{shown}: cannot be read: {error}"))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    lists(&text, folder).map_err(|(place, reason)| anyhow!("{shown}:{}: {reason}", line(&text, &place)))
}

/// What went wrong, and where in the text.
type Fault = (Range<usize>, String);

fn lists(text: &str, folder: &Path) -> Result<Configured, Fault> {
    let config: Config = toml::from_str(text)
        .map_err(|error| (error.span().unwrap_or_default(), printable(error.message()).into_owned()))?;
    let (place, path) = match config.groups {
        Some(path) => (path.span(), Some(folder.join(path.into_inner()))),
        None => (0..0, None),
    };
    let groups = Groups::read(path.as_deref()).map_err(|error| (place, format!("{error:#}")))?;
    let assets = config.assets.map(|path| folder.join(path));
    let mut configured = Configured { assets, ..Configured::default() };
    for table in config.list {
        let list = list(table, folder, &groups, &mut configured)?;
        configured.lists.push(list);
    }
    Ok(configured)
}

fn list(
    table: Spanned<ListTable>,
    folder: &Path,
    groups: &Groups,
    configured: &mut Configured,
) -> Result<ListSpec, Fault> {
    let place = table.span();
    let table = table.into_inner();
    let mut spec = match (table.path, table.url) {
        (Some(path), None) => file(table.label, path, folder)?,
        (None, Some(url)) => fetched(table.label, url)?,
        (Some(_), Some(url)) => return Err((url.span(), "a list has a path or a url, not both".into())),
        (None, None) => return Err((place, "a list needs a path or a url".into())),
    };
    if let Some(interval) = table.refresh {
        let place = interval.span();
        remote(&mut spec, "refresh", place)?.refresh = interval.into_inner();
    }
    if let Some(interval) = table.timeout {
        let place = interval.span();
        remote(&mut spec, "timeout", place)?.timeout = interval.into_inner();
    }
    spec.pin = table.sha256;
    spec.action = table.action;
    spec.severity = table.severity;
    let (place, names) = match table.country_group {
        Some(names) => (names.span(), names.into_inner()),
        None => (0..0, Vec::new()),
    };
    let selection = groups
        .select(&table.country, &names, table.hk, today())
        .map_err(|error| (place, format!("{error:#}")))?;
    for note in selection.notes {
        if !configured.notes.contains(&note) {
            configured.notes.push(note);
        }
    }
    configured.stale = configured.stale.take().or(selection.stale);
    spec.reading.countries = selection.countries;
    spec.reading.format = table.format;
    spec.reading.field = table.field;
    spec.reading.lenient = table.lenient;
    Ok(spec)
}

fn file(label: Option<Label>, path: Spanned<PathBuf>, folder: &Path) -> Result<ListSpec, Fault> {
    let place = path.span();
    let path = path.into_inner();
    if path.as_os_str().is_empty() {
        return Err((place, "path is empty".into()));
    }
    let path = folder.join(path);
    match label {
        Some(label) => Ok(ListSpec::new(label, path)),
        None => ListSpec::named_by_file(path.clone())
            .map_err(|_| no_label(place, &printable(&path.to_string_lossy()))),
    }
}

fn fetched(label: Option<Label>, url: Spanned<Url>) -> Result<ListSpec, Fault> {
    let place = url.span();
    let url = url.into_inner();
    match label {
        Some(label) => Ok(ListSpec::fetched(label, url)),
        None => ListSpec::named_by_url(url.clone()).map_err(|_| no_label(place, &url.to_string())),
    }
}

/// What is fetched, for a key that is about that.
fn remote<'a>(spec: &'a mut ListSpec, key: &str, place: Range<usize>) -> Result<&'a mut Remote, Fault> {
    spec.remote.as_mut().ok_or_else(|| (place, format!("{key} is for lists with a url")))
}

fn no_label(place: Range<usize>, shown: &str) -> Fault {
    (place, format!("the name of \"{shown}\" cannot be its label; give one with label = \"…\""))
}

fn line(text: &str, place: &Range<usize>) -> usize {
    1 + text.bytes().take(place.start).filter(|&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranges::reading::Reading;

    fn read_text(text: &str) -> Result<Vec<ListSpec>, String> {
        lists(text, Path::new("/etc/checker"))
            .map(|configured| configured.lists)
            .map_err(|(place, reason)| format!("{}: {reason}", line(text, &place)))
    }

    #[test]
    fn lists_come_in_the_order_of_the_file() {
        let text =
            "[[list]]\npath = \"one.txt\"\n[[list]]\nlabel = \"D:5\"\npath = \"/srv/b\"\naction = \"drop\"\n";
        let spec = |label: &str, path: &str, action, by_country| ListSpec {
            action,
            reading: Reading { by_country, ..Reading::default() },
            ..ListSpec::new(label.parse().unwrap(), path.into())
        };
        let expected = [
            spec("one", "/etc/checker/one.txt", Action::Alert, true),
            spec("D:5", "/srv/b", Action::Drop, false),
        ];
        assert_eq!(read_text(text).unwrap(), expected);
        assert_eq!(read_text("# none yet\n").unwrap(), []);
    }

    #[test]
    fn a_list_may_say_how_it_is_read() {
        let text = "[[list]]\nlabel = \"D5\"\npath = \"rir\"\nformat = \"rir\"\ncountry = [\"mo\", \"CN\"]\n\
                    country_group = [\"E:1\"]\nhk = false\nfield = \"x.y\"\nlenient = true\n";
        let configured = lists(text, Path::new("/etc/checker")).unwrap();
        let countries = ["CN", "IR", "KP", "MO", "SY"].map(|code| code.parse().unwrap()).to_vec();
        let reading = Reading {
            format: Some(Format::Rir),
            field: Some("x.y".into()),
            countries,
            by_country: false,
            lenient: true,
        };
        assert_eq!(configured.lists[0].reading, reading);
        assert_eq!(configured.notes.len(), 1, "{:?}", configured.notes);

        let text = "[[list]]\npath = \"a\"\ncountry = [\"CN\"]\n[[list]]\npath = \"b\"\ncountry = [\"CN\"]\n";
        let configured = lists(text, Path::new("/etc/checker")).unwrap();
        assert_eq!(configured.lists[1].reading.countries.len(), 2, "CN and HK");
        assert_eq!(configured.notes.len(), 1, "said once: {:?}", configured.notes);
    }

    #[test]
    fn a_list_may_have_a_url() {
        let text = format!(
            "[[list]]\nurl = \"https://u:p@h.example/one.txt\"\n\
             [[list]]\nlabel = \"TWO\"\nurl = \"http://h.example/\"\nrefresh = \"6h\"\ntimeout = \"1min\"\n\
             severity = 1\nsha256 = \"{}\"\n",
            "ab".repeat(32)
        );
        let lists = read_text(&text).unwrap();
        let remote = |list: &ListSpec| {
            let Remote { url, refresh, timeout } = list.remote.clone().unwrap();
            (list.label.to_string(), url.to_string(), refresh.to_string(), timeout.to_string())
        };
        let expected = |[label, url, refresh, timeout]: [&str; 4]| {
            (label.to_owned(), url.to_owned(), refresh.to_owned(), timeout.to_owned())
        };
        assert_eq!(remote(&lists[0]), expected(["one", "https://h.example/one.txt", "86400s", "300s"]));
        assert_eq!(remote(&lists[1]), expected(["TWO", "http://h.example/", "21600s", "60s"]));
        assert!(lists[0].reading.by_country && lists[0].pin.is_none());
        assert_eq!((lists[1].severity.number(), lists[1].pin), (1, Some(Pin([0xab; 32]))));
    }

    #[test]
    fn a_fault_names_its_line() {
        for (text, expected) in [
            ("\n[[list]]\npaht = \"x\"\n", "3: unknown field `paht`"),
            ("[[lists]]\n", "1: unknown field `lists`"),
            ("[[list]]\nlabel = \"a b\"\npath = \"x\"\n", "2: \"a b\" cannot be a label"),
            ("[[list]]\npath = \"x\"\naction = \"block\"\n", "3: unknown variant `block`"),
            ("[[list]]\nlabel = \"x\"\n", "1: a list needs a path or a url"),
            ("[[list]]\npath = \"x\"\nurl = \"https://h/x\"\n", "3: a list has a path or a url, not both"),
            ("[[list]]\npath = \"x\"\n\nrefresh = \"6h\"\n", "4: refresh is for lists with a url"),
            ("[[list]]\nurl = \"https://h/x\"\nrefresh = \"6\"\n", "3: \"6\" is no length of time"),
            (
                "[[list]]\nurl = \"ftp://u:p@h/x\"\n",
                "2: a list is fetched from http:// or https:// URLs only",
            ),
            ("[[list]]\nurl = \"https://h/\u{e4}\"\n", "2: this is no URL"),
            (
                "[[list]]\nurl = \"https://h.example/.x?t=1\"\n",
                "2: the name of \"https://h.example/.x\" cannot be",
            ),
            ("[[list]]\npath = \"x\"\nseverity = 4\n", "3: severity is 1 (highest), 2 or 3"),
            ("[[list]]\npath = \"x\"\nsha256 = \"12\"\n", "3: \"12\" is no sha256"),
            ("[[list]]\n\npath = \".x\"\n", "3: the name of \"/etc/checker/.x\" cannot be its label"),
            ("[[list]]\npath = \"\"\n", "2: path is empty"),
            ("[[list]]\npath = \"x\"\nformat = \"xml\"\n", "3: unknown variant `xml`"),
            ("[[list]]\npath = \"x\"\ncountry = [\"China\"]\n", "3: \"China\" is no country code"),
            ("[[list]]\npath = \"x\"\ncountry_group = [\"D:9\"]\n", "3: there is no country group \"D:9\""),
            ("\ngroups = \"x\"\n", "2: /etc/checker/x: cannot be read"),
            ("[[list]]\npath = 1\n", "2: invalid type"),
            ("[[list]]\npath\n", "2: "),
        ] {
            let fault = read_text(text).unwrap_err();
            assert!(fault.starts_with(expected) && !fault.contains('\n'), "{text:?}: {fault}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = read(Path::new("/no/such.toml")).unwrap_err().to_string();
        assert!(error.starts_with("/no/such.toml: cannot be read: No such file"), "{error}");
    }
}
