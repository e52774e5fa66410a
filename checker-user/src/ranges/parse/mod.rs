//! Turns the bytes of a list into entries with line numbers, or refuses the whole file.
//!
//! Each format is one file here that reads bytes into a [`collect::Collector`]; the collector does what is the
//! same for all of them (host bits, IPv4-mapped prefixes, `a-b` ranges, countries, rejects), so formats cannot differ
//! in it.

// What all formats share.
pub mod format;
pub mod recognise;
pub mod lines;
pub mod fields;
pub mod address;
pub mod date;
pub mod collect;
pub mod rejected;
// One file for each format.
pub mod plain;
pub mod rir;
pub mod mmdb;
pub mod geolite2;
pub mod range_csv;
pub mod drop;
pub mod json;
pub mod geofeed;
pub mod ipset;
pub mod nft;
pub mod nft_json;
pub mod rpsl;
pub mod pfx2as;
pub mod p2p;

#[cfg(test)]
mod tests;

use ipnet::IpNet;
use jiff::civil::Date;

use self::{collect::Collector, rejected::Rejects};
pub use self::{format::Format, rejected::Rejected};
use super::{decode::decode, source::Source, spec::ListSpec, stamp::Stamp, unpack::unpack};

/// A list that was read.
#[derive(Clone, Debug)]
pub struct List {
    /// What the user named.
    pub spec: ListSpec,
    /// The name of its file without the folders, safe to show.
    pub name: String,
    /// Hash of its file.
    pub sha256: [u8; 32],
    /// The version of its file; `None` for a pipe.
    pub stamp: Option<Stamp>,
    /// The format that it was read in.
    pub format: Format,
    /// The day that the file says it is of.
    pub as_of: Option<Date>,
    /// Its ranges in the order of the file; duplicates are still there. None only where countries were chosen and the
    /// file knows no range of them.
    pub entries: Vec<Entry>,
    /// How many of the entries had host bits set, and lost them.
    pub masked: usize,
    /// What was left out because it is no range; only ever something with `lenient`.
    pub left_out: Rejects,
    /// What else the user should know: sentences without the path.
    pub notes: Vec<String>,
}

/// One range of a list, in 24 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The prefix; its host bits are zero, and an IPv4-mapped one stands here as IPv4.
    pub net: IpNet,
    /// The line it came from, the first is 1; in a binary format the offset of its data in bytes.
    pub line: u32,
    /// The list makes an exception of it (`nomatch` of an ipset), whatever its action.
    pub except: bool,
}

/// Reads a list in the format that its content shows, or that the user said.
///
/// # Errors
///
/// When anything in it is not a range and it is not to be read leniently, or nothing is; then nothing of the file may
/// be used.
pub fn parse(source: &Source) -> Result<List, Rejected> {
    read(source, false, None).map(|mut lists| lists.swap_remove(0))
}

/// The same, with a list for each country where the user chose countries and gave no label. `locations` is the file
/// that stands beside a `GeoLite2` `Blocks` file.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_each(source: &Source, locations: Option<&[u8]>) -> Result<Vec<List>, Rejected> {
    read(source, source.spec.reading.by_country, locations)
}

/// At least one list.
fn read(source: &Source, by_country: bool, locations: Option<&[u8]>) -> Result<Vec<List>, Rejected> {
    let refused = |why: String| Rejected::File { path: source.spec.shown_path(), why };
    let unpacked = unpack(&source.bytes).map_err(refused)?;
    let text = decode(&unpacked);
    let reading = &source.spec.reading;
    let format = match reading.format {
        Some(format) => format,
        None => recognise::recognise(&text).map_err(|why| refused(why.to_owned()))?,
    };
    let mut found = Collector::new(format, reading, by_country);
    match format {
        Format::Plain => plain::read(&text, &mut found),
        Format::Rir => rir::read(&text, &mut found),
        Format::Mmdb => mmdb::read(&text, reading.field.as_deref(), &mut found),
        Format::Geolite2 => geolite2::read(&text, locations, &mut found),
        Format::RangeCsv => range_csv::read(&text, reading.field.as_deref(), &mut found),
        Format::Drop => drop::read(&text, &mut found),
        Format::Json => json::read(&text, &mut found),
        Format::Geofeed => geofeed::read(&text, &mut found),
        Format::Ipset => ipset::read(&text, &mut found),
        Format::Nft => nft::read(&text, &mut found),
        Format::Rpsl => rpsl::read(&text, &mut found),
        Format::Pfx2as => pfx2as::read(&text, &mut found),
        Format::P2p => p2p::read(&text, &mut found),
    }
    found.finish(source)
}

impl List {
    /// The hash as lower-case hexadecimal digits, as `sha256sum` prints it.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        hex(&self.sha256)
    }

    /// The sentences to warn the user with, when ranges are not quite what the file says.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let path = self.spec.shown_path();
        let mut warnings: Vec<_> = self.notes.iter().map(|note| format!("{path}: {note}")).collect();
        match self.masked {
            0 => {}
            1 => warnings.push(format!("{path}: host bits were set in 1 range; masked")),
            n => warnings.push(format!("{path}: host bits were set in {n} ranges; masked")),
        }
        if self.left_out.total > 0 {
            warnings.push(self.left_out.warning(&path));
        }
        warnings
    }
}

/// Lower-case hexadecimal digits.
pub(in crate::ranges) fn hex(hash: &[u8; 32]) -> String {
    hash.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect()
}

fn hex_digit(nibble: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(nibble & 15)])
}
