//! How a list's file is to be read, where its content alone does not say: each list has its own answers.

use serde::{Deserialize, Serialize};

use super::{country::Country, parse::Format};

/// The answers; the default leaves everything to the content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// The format; recognised when `None`.
    pub format: Option<Format>,
    /// Where the country stands: a path of an MMDB record (`country.iso_code`), a column of a CSV file (its name, or
    /// its number from 1).
    pub field: Option<String>,
    /// Which countries are taken from a file that names one for each range; none for a file that names none.
    pub countries: Vec<Country>,
    /// Each country is a list of its own, with the country as its label: nobody gave the list one.
    pub by_country: bool,
    /// What is no range is left out and said, instead of refusing the file.
    pub lenient: bool,
}
