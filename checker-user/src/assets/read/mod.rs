//! A file of machines → entries: CSV, or JSON as `NetBox` exports it.

mod column;
mod csv;
mod json;
mod lines;
mod refused;
mod row;

use std::path::Path;

use anyhow::{Result, anyhow};

pub use row::Entry;

use self::refused::Refused;
use super::table::Table;
use crate::{
    printable::printable,
    ranges::{decode::decode, source::read_file, stamp::Stamp, unpack::unpack},
};

/// Reads a file whole.
///
/// # Errors
///
/// Every line that is wrong, the first ten of them in words; or one sentence about the file. Each names the file.
pub fn read(path: &Path) -> Result<Table> {
    let stamp = Stamp::of(path);
    let bytes = read_file(path, "asset file")?;
    let shown = printable(&path.to_string_lossy()).into_owned();
    let bytes = unpack(&bytes).map_err(|why| anyhow!("{shown}: {why}"))?;
    let mut table = of_bytes(&decode(&bytes)).map_err(|refused| anyhow!(refused.of_file(&shown)))?;
    table.stamp = stamp;
    Ok(table)
}

fn of_bytes(bytes: &[u8]) -> Result<Table, Refused> {
    // A spreadsheet in an old encoding: Latin-1, in which each byte is a character.
    let text =
        str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned);
    let mut refused = Refused::default();
    let is_json = text.trim_start().starts_with(['[', '{']);
    let rows = if is_json { json::rows(&text, &mut refused) } else { csv::rows(&text, &mut refused) };
    let (mut entries, mut skipped) = (Vec::new(), 0);
    for row in rows {
        match row.entry(&mut refused) {
            Some(entry) => entries.push(entry),
            None => skipped += 1,
        }
    }
    let mut table = Table::new(entries, &mut |line, text, why| refused.add(line, text, why));
    if table.is_empty() && refused.is_empty() {
        refused.whole("has no MAC or IP address in it");
    }
    table.skipped = skipped;
    refused.or(table)
}

#[cfg(test)]
mod tests;
