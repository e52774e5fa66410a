//! `GeoLite2` CSV: a `Blocks` file of prefixes with the number of a place, and beside it a `Locations` file that says
//! what country a place is in. Columns are found by name: they grow in number over the years.
//!
//! ```text
//! network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,…
//! 192.0.2.0/24,1814991,1814991,,0,0,
//!
//! geoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name,…
//! 1814991,en,AS,Asia,CN,China,0
//! ```
//!
//! A block without a place counts for the country that it is registered in, as `MaxMind` advises.
//! Format: <https://dev.maxmind.com/geoip/docs/databases/city-and-country>.

use std::collections::HashMap;

use super::{
    address::{Span, prefix},
    collect::Collector,
    fields::fields,
    lines::lines,
    rejected::Reason,
};
use crate::ranges::country::Country;

/// Reads a `Blocks` file.
pub fn read(text: &[u8], locations: Option<&[u8]>, found: &mut Collector) {
    let Some(locations) = locations else {
        return found.refuse(
            "has no Locations file beside it; keep the names of MaxMind, as GeoLite2-Country-Blocks-IPv4.csv and \
             GeoLite2-Country-Locations-en.csv",
        );
    };
    let Some(countries) = countries(locations) else {
        return found.refuse("has a Locations file without the columns geoname_id and country_iso_code");
    };
    let mut rows = lines(text).filter(|(_, line)| !line.trim_ascii().is_empty());
    let columns = ["network", "geoname_id", "registered_country_geoname_id"];
    let Some(columns) = rows.next().and_then(|(_, header)| positions(header, columns)) else {
        return found.refuse("has no header with network, geoname_id and registered_country_geoname_id");
    };
    for (line, text) in rows {
        let fields = fields(text, b',');
        let [Some(net), Some(place), Some(registered)] = columns.map(|at| fields.get(at)) else {
            found.reject(line, text, Reason::Why("has too few columns"));
            continue;
        };
        let id = if place.is_empty() { registered } else { place };
        match (prefix(net), countries.get(&**id)) {
            (Err(reason), _) => found.reject(line, net, reason),
            (Ok(_), None) if !id.is_empty() => {
                found.reject(line, text, Reason::Why("is of a place that the Locations file does not know"));
            }
            (Ok(net), country) => {
                if found.enter(country.copied().flatten(), line) {
                    found.add_span(Span::Net(net), line);
                }
            }
        }
    }
}

/// The country of each place; `None` for places that are in none, as the continents.
fn countries(text: &[u8]) -> Option<HashMap<Vec<u8>, Option<Country>>> {
    let mut rows = lines(text).filter(|(_, line)| !line.trim_ascii().is_empty());
    let text = rows.next().map(|(_, header)| header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header))?;
    let [id, code] = positions(text, ["geoname_id", "country_iso_code"])?;
    let place = |(_, row): (u32, &[u8])| {
        let fields = fields(row, b',');
        Some((fields.get(id)?.to_vec(), fields.get(code).and_then(|code| Country::read(code))))
    };
    Some(rows.filter_map(place).collect())
}

fn positions<const N: usize>(header: &[u8], names: [&str; N]) -> Option<[usize; N]> {
    let header = fields(header, b',');
    let at = names.map(|name| header.iter().position(|field| **field == *name.as_bytes()));
    at.iter().all(Option::is_some).then(|| at.map(Option::unwrap_or_default))
}
