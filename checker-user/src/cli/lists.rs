//! Which lists, and how they are read.

use std::path::PathBuf;

use clap::Args;

use crate::ranges::{country::Country, parse::Format, remote::copy::DEFAULT_STATE, spec::ListSpec};

/// Where lists come from.
#[derive(Debug, Args)]
pub struct Lists {
    /// A list of ranges in any format that docs/lists.md names: a file, or an http or https URL. Without a label, the
    /// file's name is it, or each country that is chosen. Repeatable; a label may have several files.
    #[arg(short = 'l', long = "list", value_name = "[LABEL=]PATH")]
    pub lists: Vec<ListSpec>,
    /// A configuration file with `list` tables: label, path or url, action (alert, drop or allow), and how to read it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where `run` and `lists fetch` keep the last good version of lists from URLs, and others look for it.
    #[arg(long, value_name = "DIR", default_value = DEFAULT_STATE)]
    pub state: PathBuf,
    /// How to read them.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// The options of [`ReadingOptions`] in a help text.
const READING: &str = "How lists are read";

/// How the lists of the command line are read; those of a configuration file say it themselves.
#[derive(Debug, Args)]
pub struct ReadingOptions {
    /// Their format; without it, each is recognised by its content.
    #[arg(help_heading = READING, long, value_enum, value_name = "FORMAT", hide_possible_values = true, long_help = FORMAT_HELP)]
    pub format: Option<Format>,
    /// Take the ranges of these countries from files that name countries: rir, mmdb, geolite2, range-csv, geofeed, rpsl.
    #[arg(help_heading = READING, long, value_name = "CC,…", value_delimiter = ',')]
    pub country: Vec<Country>,
    /// The same for all countries of a group, as D:5; see `checker groups`.
    #[arg(help_heading = READING, long, value_name = "GROUP,…", value_delimiter = ',')]
    pub country_group: Vec<String>,
    /// CN does not bring HK.
    #[arg(help_heading = READING, long)]
    pub no_hk: bool,
    /// Another table of country groups than the built-in one.
    #[arg(help_heading = READING, long, value_name = "FILE")]
    pub groups: Option<PathBuf>,
    /// Where the country stands: a path in MMDB records (`country.iso_code`), a column of CSV (name, or number from 1).
    #[arg(help_heading = READING, long, value_name = "FIELD")]
    pub field: Option<String>,
    /// Leave out what is no range, and say so, instead of refusing the file.
    #[arg(help_heading = READING, long)]
    pub lenient: bool,
}

const FORMAT_HELP: &str = "\
Their format: plain, rir, mmdb, geolite2, range-csv, drop, json, geofeed, ipset, nft, rpsl, pfx2as, p2p. Without it, \
each is recognised by its content.";
