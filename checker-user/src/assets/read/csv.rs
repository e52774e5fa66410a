//! CSV with a header: separated by commas, semicolons or tabs.

use super::{
    column::Column,
    lines::Lines,
    refused::Refused,
    row::{Field, Row},
};

/// What separates columns.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Every row below the header.
pub(super) fn rows(text: &str, refused: &mut Refused) -> Vec<Row> {
    let mut lines = Lines::new(text);
    let Some(separator) = separator(text, &mut lines, refused) else { return Vec::new() };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let columns: Vec<_> = match reader.headers() {
        Ok(header) => header.iter().map(Column::named).collect(),
        Err(error) => {
            refused.whole(format!("is not CSV: {error}"));
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    let (mut spans_lines, mut last) = (false, 1);
    for record in reader.into_records() {
        // From a text that is in memory, and that is UTF-8: nothing is left that could fail.
        let Ok(record) = record else { continue };
        let line = lines.behind_empty(record.position().map_or(0, |position| position.byte() as usize));
        spans_lines |= record.iter().any(|field| field.contains('\n'));
        if let Some(extra) = record.iter().skip(columns.len()).find(|field| !field.trim().is_empty()) {
            refused.add(line, extra, "stands behind the last column; is a quote missing?");
        }
        let named = columns.iter().zip(&record).filter_map(|(column, text)| Some(((*column)?, text)));
        let fields = named.map(|(column, text)| Field { column, line, text: text.to_owned() }).collect();
        if record.iter().any(|field| !field.trim().is_empty()) {
            rows.push(Row { fields });
            last = line;
        }
    }
    // A quote that is never closed takes the rest of the file for one field.
    if spans_lines && memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1 {
        refused.add(last, "\"", "is never closed");
    }
    rows
}

/// By the header: the one that makes most sense of it.
fn separator(text: &str, lines: &mut Lines<'_>, refused: &mut Refused) -> Option<u8> {
    // The reader passes over empty lines and says the place before them.
    let line = lines.behind_empty(0);
    let header = text.lines().nth(line as usize - 1).unwrap_or_default();
    let columns = |separator: u8| {
        let header = header.split(char::from(separator)).map(|name| Column::named(name.trim_matches('"')));
        header.flatten().collect::<Vec<_>>()
    };
    let best = SEPARATORS.into_iter().rev().max_by_key(|separator| columns(*separator).len())?;
    if columns(best).into_iter().any(Column::identifies) {
        return Some(best);
    }
    if header.trim().is_empty() {
        refused.whole("is empty");
    } else if header.contains(SEPARATORS.map(char::from)) || Column::named(header).is_some() {
        refused.add(line, header, "has no column of MAC or IP addresses (mac, mac_address, bmc_mac, ip, …)");
    } else {
        refused.add(line, header, "is no header of columns that commas, semicolons or tabs separate");
    }
    None
}
