//! First address, last address and country by comma, tab or semicolon, as `IP2Location`, ip-location-db, DB-IP, `IPinfo`
//! and iptoasn write them; or a prefix and a country, under a header.
//!
//! ```text
//! "3221225984","3221226239","CN","China"
//! 192.0.2.0,192.0.2.255,CN
//! 2001:db8::    2001:db8::ff    64500   CN      Somebody
//! network,country,country_code
//! ```
//!
//! Addresses may be decimal integers: a row whose last one is above 2³²−1 is IPv6, where IPv4 stands at `::ffff:0:0`.
//! Both ends are inclusive. `-`, `None` or nothing is no country.

use std::{borrow::Cow, net::IpAddr};

use super::{
    address::{Span, address, number, prefix, range},
    collect::Collector,
    fields::fields,
    lines::lines,
    rejected::Reason,
};
use crate::ranges::country::Country;

/// What headers call the column of the country; the first of them that is there.
const COUNTRY: [&str; 6] =
    ["country_code", "country_iso_code", "country_code2", "cc", "country_iso", "country"];

/// What headers call a column of prefixes.
const NETWORK: [&str; 4] = ["network", "cidr", "prefix", "ip_prefix"];

/// The code of a continent may stand before that of the country (DB-IP's cities).
const CONTINENTS: [&[u8]; 7] = [b"AF", b"AN", b"AS", b"EU", b"NA", b"OC", b"SA"];

/// Which column is what.
struct Columns {
    /// The first column is a prefix and not the first of two ends.
    network: bool,
    country: Option<usize>,
}

/// Whether a first line is of this format.
#[must_use]
pub fn is_one(line: &[u8]) -> bool {
    let fields = fields(line, separator(line));
    let header = header(&fields);
    let ends = fields.len() > 1 && end(&fields[0]).is_some() && end(&fields[1]).is_some();
    ends || header.is_some()
}

/// Reads a file. `field` is the column of the country: its name, or its number from 1.
pub fn read(text: &[u8], field: Option<&str>, found: &mut Collector) {
    let is_row = |(_, line): &(u32, &[u8])| !line.trim_ascii().is_empty() && !line.starts_with(b"#");
    let mut rows = lines(text).filter(is_row).peekable();
    let Some((_, first)) = rows.peek() else { return };
    let separator = separator(first);
    let first = fields(first, separator);
    let mut columns = Columns { network: false, country: None };
    if let Some(network) = header(&first) {
        columns.network = network;
        columns.country = COUNTRY.iter().find_map(|name| named(&first, name));
        rows.next();
    }
    match field {
        Some(field) => {
            let position = field.parse().ok().and_then(|number: usize| number.checked_sub(1));
            columns.country = named(&first, field).or(position);
            if columns.country.is_none() {
                return found
                    .refuse("has no column of that name; give its number from 1, or a name of the header");
            }
        }
        // Rows of no country may come first, so all may have to be looked through.
        None if columns.country.is_none() => {
            let mut rows = lines(text).filter(is_row).map(|(_, line)| fields(line, separator));
            columns.country = rows.find_map(|row| guess(&row));
        }
        None => {}
    }
    if columns.country.is_none() {
        found.names_no_country();
    }
    for (line, row) in rows {
        let fields = fields(row, separator);
        let span = span(&fields, columns.network);
        let country = columns.country.and_then(|at| fields.get(at)).and_then(|field| Country::read(field));
        if span.is_err() || columns.country.is_none() || found.enter(country, line) {
            found.take(line, row, span);
        }
    }
}

fn separator(line: &[u8]) -> u8 {
    *[b'\t', b',', b';'].iter().find(|separator| line.contains(separator)).unwrap_or(&b',')
}

/// Whether a line names columns, and then whether the first is of prefixes.
fn header(fields: &[Cow<'_, [u8]>]) -> Option<bool> {
    let first = fields.first()?.to_ascii_lowercase();
    let word = first.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    if fields.len() < 2 || first.is_empty() || !word {
        return None;
    }
    let network = NETWORK.iter().any(|name| name.as_bytes() == first);
    let start =
        ["start", "from", "first"].iter().any(|name| memchr::memmem::find(&first, name.as_bytes()).is_some());
    (network || start).then_some(network)
}

fn named(header: &[Cow<'_, [u8]>], name: &str) -> Option<usize> {
    header.iter().position(|field| field.eq_ignore_ascii_case(name.as_bytes()))
}

/// The column with two capital letters; `None` when this row has none.
fn guess(row: &[Cow<'_, [u8]>]) -> Option<usize> {
    let code = |at: usize| row.get(at).is_some_and(|field| matches!(**field, [b'A'..=b'Z', b'A'..=b'Z']));
    let at = (2..row.len()).find(|at| code(*at))?;
    let continent = at == 2 && CONTINENTS.contains(&&*row[at]) && code(at + 1);
    Some(if continent { at + 1 } else { at })
}

fn span(fields: &[Cow<'_, [u8]>], network: bool) -> Result<Span, Reason> {
    let field = |at: usize| fields.get(at).map(|field| &**field).unwrap_or_default();
    if network {
        return prefix(field(0)).map(Span::Net);
    }
    let wrong = Reason::Why("does not begin with two addresses");
    let ends = [field(0), field(1)].map(|text| end(text).ok_or(wrong));
    match ends {
        [Ok(End::Address(first)), Ok(End::Address(last))] => range(first, last),
        [Ok(End::Number(first)), Ok(End::Number(last))] => match [first, last].map(u32::try_from) {
            [Ok(first), Ok(last)] => range(IpAddr::V4(first.into()), IpAddr::V4(last.into())),
            [Ok(_) | Err(_), Err(_)] | [Err(_), Ok(_)] => {
                range(IpAddr::V6(first.into()), IpAddr::V6(last.into()))
            }
        },
        [Ok(_) | Err(_), Ok(_) | Err(_)] => Err(wrong),
    }
}

/// One end of a range.
enum End {
    Address(IpAddr),
    Number(u128),
}

fn end(text: &[u8]) -> Option<End> {
    address(text).map(End::Address).or_else(|| number(text).filter(|_| !text.is_empty()).map(End::Number))
}
