//! Each format by small files of the form that it has in the wild, and by bytes that nobody meant.

mod countries;
mod mmdb;
mod sets;
mod text;

use proptest::prelude::*;

use super::{Format, List, Rejected, parse_each};
use crate::ranges::{reading::Reading, source::Source, spec::ListSpec};

/// What is asked of a file.
#[derive(Default)]
struct Asked<'a> {
    format: Option<Format>,
    countries: &'a str,
    by_country: bool,
    field: Option<&'a str>,
    lenient: bool,
    locations: Option<&'a [u8]>,
}

impl Asked<'_> {
    fn of(&self, bytes: &[u8]) -> Result<Vec<List>, Rejected> {
        let reading = Reading {
            format: self.format,
            field: self.field.map(str::to_owned),
            countries: self.countries.split_whitespace().map(|code| code.parse().unwrap()).collect(),
            by_country: self.by_country,
            lenient: self.lenient,
        };
        let spec = ListSpec { reading, .."ONE=list".parse().unwrap() };
        parse_each(&Source { spec, bytes: bytes.to_vec(), sha256: [0; 32] }, self.locations)
    }

    /// `label prefix:line`, with `!` before an exception.
    fn ranges(&self, bytes: &[u8]) -> Vec<String> {
        let lists = self.of(bytes).unwrap_or_else(|rejected| panic!("{rejected}"));
        let shown = |list: &List| {
            let label = if self.by_country { format!("{} ", list.spec.label) } else { String::new() };
            let entries = list.entries.iter().map(move |entry| {
                let except = if entry.except { "!" } else { "" };
                format!("{label}{except}{}:{}", entry.net, entry.line)
            });
            entries.collect::<Vec<_>>()
        };
        lists.iter().flat_map(shown).collect()
    }

    fn refusal(&self, bytes: &[u8]) -> String {
        self.of(bytes).unwrap_err().to_string()
    }

    fn as_of(&self, bytes: &[u8]) -> Option<String> {
        self.of(bytes).unwrap()[0].as_of.map(|date| date.to_string())
    }
}

/// The same file in the format that is recognised and in the one that it is said to be.
fn ranges(format: Format, text: &str) -> Vec<String> {
    let said = Asked { format: Some(format), ..Asked::default() }.ranges(text.as_bytes());
    let recognised = Asked::default().of(text.as_bytes()).unwrap();
    assert_eq!(recognised[0].format, format, "{text}");
    assert_eq!(Asked::default().ranges(text.as_bytes()), said);
    said
}

fn refusal(format: Format, text: &str) -> String {
    Asked { format: Some(format), ..Asked::default() }.refusal(text.as_bytes())
}

fn any_format() -> impl Strategy<Value = Format> {
    prop::sample::select(<Format as clap::ValueEnum>::value_variants())
}

/// Bytes, and text of the words that the formats are made of.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let words = vec![
        "192.0.2.0",
        "/24",
        " - ",
        "-",
        "2001:db8::",
        "::ffff:192.0.2.0",
        "256",
        "\n",
        "\r\n",
        "|",
        "ripencc|IR|ipv4|",
        "ripencc|IR|ipv6|",
        "|20120403|assigned",
        "summary",
        ",",
        "\t",
        " ",
        "\"",
        "IR",
        "{",
        "}",
        "[",
        "]",
        ":",
        "\"cidr\":",
        "\"nftables\":",
        "\"set\":",
        "\"elem\":",
        "\"prefix\":",
        "\"addr\":",
        "\"len\":",
        "\"range\":",
        "elements = ",
        "set r ",
        "add r ",
        "create r hash:net",
        " nomatch",
        " netmask 24",
        "inetnum: ",
        "route6: ",
        "country: ",
        "+",
        "%",
        "#",
        ";",
        "network,geoname_id,registered_country_geoname_id",
        "geoname_id",
        "64500",
        "340282366920938463463374607431768211455",
        "000.000.000.000",
        "\u{feff}",
        "\\",
        "end",
    ];
    prop_oneof![
        any::<Vec<u8>>(),
        prop::collection::vec(prop::sample::select(words), 0..60)
            .prop_map(|words| words.concat().into_bytes()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn no_bytes_make_a_reader_panic_or_print_what_they_like(
        format in prop::option::of(any_format()),
        bytes in any_file(),
        locations in prop::option::of(any_file()),
        chosen: bool,
        lenient: bool,
    ) {
        let countries = if chosen { "IR CN" } else { "" };
        let asked =
            Asked { format, countries, by_country: chosen, field: None, lenient, locations: locations.as_deref() };
        match asked.of(&bytes) {
            Err(rejected) => {
                prop_assert!(!rejected.to_string().contains(|c: char| c.is_control() && c != '\n'));
            }
            Ok(lists) => {
                for entry in lists.iter().flat_map(|list| &list.entries) {
                    prop_assert_eq!(entry.net, entry.net.trunc());
                }
                // At most what the longest range comes to, for every two bytes.
                let total: usize = lists.iter().map(|list| list.entries.len()).sum();
                prop_assert!(total <= bytes.len() * 127);
            }
        }
    }
}
