//! Country groups by name (`D:5`): which countries they are, as of when, and on whose word.
//!
//! The table is a data file, `data/ear-groups.toml`: facts with a date. One is built in; `--groups FILE` replaces it.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, anyhow, bail};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{country::Country, parse::hex};
use crate::printable::printable;

const BUILT_IN: &str = include_str!("../../data/ear-groups.toml");

/// A table that is older may no longer be true.
const STALE_AFTER_DAYS: i32 = 180;

/// A table of groups.
#[derive(Clone, Debug, Serialize)]
pub struct Groups {
    /// The text that it was taken from.
    pub source: String,
    /// When that text said so.
    #[serde(serialize_with = "shown_date")]
    pub as_of: Date,
    /// SHA-256 of the data file, lower-case hexadecimal digits.
    pub sha256: String,
    /// The groups by name.
    pub groups: BTreeMap<String, Group>,
}

/// One group.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Why its countries are in it.
    pub meaning: String,
    /// Its countries.
    pub members: Vec<Country>,
}

/// Countries that somebody chose, and what must be said about the choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Each country once, in the order of their codes.
    pub countries: Vec<Country>,
    /// Sentences for the user.
    pub notes: Vec<String>,
    /// The warning among them: the table is old.
    pub stale: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    as_of: String,
    group: BTreeMap<String, GroupTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupTable {
    meaning: String,
    /// Country codes with blanks between.
    members: String,
}

impl Groups {
    /// The table of a file, or the built-in one.
    ///
    /// # Errors
    ///
    /// One sentence that names the file.
    pub fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Self::from_text(BUILT_IN).context("the built-in table of country groups");
        };
        let shown = printable(&path.to_string_lossy()).into_owned();
        let text = fs::read_to_string(path).map_err(|error| anyhow!("{shown}: cannot be read: {error}"))?;
        Self::from_text(&text).map_err(|error| anyhow!("{shown}: {error:#}"))
    }

    fn from_text(text: &str) -> Result<Self> {
        let file: File =
            toml::from_str(text).map_err(|error| anyhow!("{}", printable(error.message()).into_owned()))?;
        let as_of = file.as_of.parse().map_err(|_| {
            anyhow!("as_of is \"{}\", which is no date as 2026-07-08", printable(&file.as_of))
        })?;
        let group = |(name, table): (String, GroupTable)| {
            let members = table.members.split_whitespace().map(str::parse).collect::<Result<_>>();
            let members = members.with_context(|| format!("group {}", printable(&name)))?;
            Ok((name, Group { meaning: table.meaning, members }))
        };
        Ok(Self {
            source: file.source,
            as_of,
            sha256: hex(&Sha256::digest(text).into()),
            groups: file.group.into_iter().map(group).collect::<Result<_>>()?,
        })
    }

    /// A group.
    ///
    /// # Errors
    ///
    /// When there is none of that name; the sentence names those that there are.
    pub fn get(&self, name: &str) -> Result<&Group> {
        let Some(group) = self.groups.get(name) else {
            let known: Vec<_> = self.groups.keys().map(|name| printable(name)).collect();
            bail!("there is no country group \"{}\"; there are {}", printable(name), known.join(", "));
        };
        Ok(group)
    }

    /// The countries themselves and those of the groups. Unless `hk` is false, `CN` brings `HK`: the regulations treat
    /// Hong Kong as China, registries and databases do not.
    ///
    /// # Errors
    ///
    /// When a group is unknown.
    pub fn select(
        &self,
        countries: &[Country],
        groups: &[String],
        hk: bool,
        today: Date,
    ) -> Result<Selection> {
        let mut selection = Selection { countries: countries.to_vec(), ..Selection::default() };
        for name in groups {
            let group = self.get(name)?;
            selection.countries.extend(&group.members);
            selection.notes.push(format!(
                "{} is {} as of {} ({}). Facts, not legal advice.",
                printable(name),
                match group.members.len() {
                    1 => "1 country".to_owned(),
                    count => format!("{count} countries"),
                },
                self.as_of,
                printable(&self.source)
            ));
        }
        let [china, hong_kong] = [b"CN", b"HK"].map(|code| Country::read(code));
        if hk
            && selection.countries.iter().any(|country| Some(*country) == china)
            && !selection.countries.iter().any(|country| Some(*country) == hong_kong)
        {
            selection.countries.extend(hong_kong);
            selection.notes.push("CN brings HK; --no-hk leaves it out".to_owned());
        }
        selection.countries.sort_unstable();
        selection.countries.dedup();
        selection.stale = if groups.is_empty() { None } else { self.stale(today) };
        Ok(selection)
    }

    /// The warning that the table is old, if it is.
    #[must_use]
    pub fn stale(&self, today: Date) -> Option<String> {
        let days = self.as_of.until(today).map_or(0, |age| age.get_days());
        (days > STALE_AFTER_DAYS).then(|| {
            format!(
                "the table of country groups is of {}, {days} days ago; --groups FILE takes a newer one",
                self.as_of
            )
        })
    }
}

fn shown_date<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(countries: &str, groups: &[&str], hk: bool) -> Selection {
        let countries: Vec<_> = countries.split_whitespace().map(|code| code.parse().unwrap()).collect();
        let groups: Vec<_> = groups.iter().map(|&name| name.to_owned()).collect();
        let table = Groups::read(None).unwrap();
        table.select(&countries, &groups, hk, table.as_of).unwrap()
    }

    fn codes(selection: &Selection) -> String {
        selection.countries.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn groups_are_unions_and_say_their_date() {
        let selection = select("MO", &["E:1", "E:2"], true);
        assert_eq!(codes(&selection), "CU IR KP MO SY");
        assert_eq!(
            selection.notes[0],
            "E:1 is 3 countries as of 2026-07-08 (Supplement No. 1 to 15 CFR Part 740, Country Groups). \
             Facts, not legal advice."
        );
        assert_eq!(select("", &["D:5"], false).countries.len(), 22);
    }

    #[test]
    fn china_brings_hong_kong_and_says_so_unless_told_not_to() {
        let selection = select("CN", &[], true);
        assert_eq!(codes(&selection), "CN HK");
        assert_eq!(selection.notes, ["CN brings HK; --no-hk leaves it out"]);
        assert_eq!(
            (codes(&select("CN", &[], false)).as_str(), select("CN", &[], false).notes.len()),
            ("CN", 0)
        );
        assert_eq!(codes(&select("", &["D:5"], true)).matches("HK").count(), 1);
        assert_eq!(select("CN HK", &[], true).notes, [""; 0], "it was named, nothing was added");
        assert_eq!(codes(&select("RU", &[], true)), "RU");
    }

    #[test]
    fn an_old_table_warns() {
        let table = Groups::read(None).unwrap();
        let stale = |days: i64| table.stale(table.as_of.checked_add(jiff::Span::new().days(days)).unwrap());
        assert_eq!(stale(180), None);
        assert!(
            stale(181).unwrap().starts_with("the table of country groups is of 2026-07-08, 181 days ago;")
        );
        assert_eq!(stale(-400), None, "a clock that is wrong is no reason");
    }

    #[test]
    fn an_unknown_group_is_refused_with_those_that_there_are() {
        let error = Groups::read(None).unwrap().get("D:9").unwrap_err().to_string();
        assert_eq!(error, "there is no country group \"D:9\"; there are D:1, D:2, D:3, D:4, D:5, E:1, E:2");
    }

    #[test]
    fn a_table_with_a_fault_is_refused() {
        for (text, expected) in [
            ("", "missing field `source`"),
            ("source = \"x\"\nas_of = \"soon\"\n[group]\n", "as_of is \"soon\""),
            (
                "source = \"x\"\nas_of = \"2026-01-01\"\n[group.\"X\"]\nmeaning = \"\"\nmembers = \"CHN\"\n",
                "group X: \"CHN\" is no country code",
            ),
        ] {
            let error = format!("{:#}", Groups::from_text(text).unwrap_err());
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
