//! A `MaxMind` DB, as `MaxMind`, DB-IP and `IPinfo` publish them: a tree of prefixes with a record at each leaf.
//!
//! The country of a record is the value of the first of these that is two letters: `country.iso_code`,
//! `registered_country.iso_code` (`MaxMind`, DB-IP), `country_code`, `country` (`IPinfo`); or of the path that the user
//! gives. A path may also lead to a flag (`is_anonymous_proxy`): ranges whose flag is set are taken, of whatever country.
//!
//! IPv4 prefixes hang below `::/96` and, as aliases, below `::ffff:0:0/96`, 6to4 and Teredo: they are taken once.
//! Format: <https://maxmind.github.io/MaxMind-DB/>.

use std::collections::HashMap;

use ipnet::IpNet;
use maxminddb::{PathElement, Reader, WithinOptions};
use serde_json::Value;

use super::{collect::Collector, date, rejected::Reason};
use crate::ranges::country::Country;

const PATHS: [&str; 4] = ["country.iso_code", "registered_country.iso_code", "country_code", "country"];

/// Records whose country is remembered: databases share them, one for each country.
const REMEMBERED: usize = 1 << 16;

/// What a record says.
#[derive(Clone, Copy)]
enum Said {
    Country(Country),
    /// A flag is set.
    Yes,
    Nothing,
}

/// Reads a database. `field` is a path of keys with dots between.
pub fn read(bytes: &[u8], field: Option<&str>, found: &mut Collector) {
    let reader = match Reader::from_source(bytes) {
        Ok(reader) => reader,
        Err(error) => return found.refuse(format!("is no MMDB file that can be read: {error}")),
    };
    let metadata = reader.metadata();
    found.dated(date::of_seconds(metadata.build_epoch));
    let record = usize::from(metadata.record_size);
    let tree = metadata.node_count as usize * record / 4;
    // The crate makes sure that the tree lies in the file.
    if !is_tree(&bytes[..tree], record) {
        return found.refuse("is a damaged MMDB file: its tree is none");
    }
    // Sixteen bytes stand between the tree and the records.
    let section = tree + 16;
    let networks = match reader.networks(WithinOptions::default()) {
        Ok(networks) => networks,
        Err(error) => return found.refuse(format!("is a damaged MMDB file: {error}")),
    };
    let paths: Vec<Vec<_>> = match &field {
        Some(field) => vec![path(field)],
        None => PATHS.map(path).to_vec(),
    };
    let mut remembered = HashMap::new();
    let mut anything = false;
    for network in networks {
        let network = match network {
            Ok(network) => network,
            Err(error) => return found.refuse(format!("is a damaged MMDB file: {error}")),
        };
        let Some(offset) = network.offset() else { continue };
        let said = match remembered.get(&offset) {
            Some(said) => *said,
            None => {
                let said = paths.iter().map(|path| said(&network.decode_path(path))).find(Said::is_something);
                let said = said.unwrap_or(Said::Nothing);
                if remembered.len() < REMEMBERED {
                    remembered.insert(offset, said);
                }
                said
            }
        };
        let country = match said {
            Said::Country(country) => Some(country),
            Said::Yes => None,
            Said::Nothing => continue,
        };
        anything = true;
        // A list is at most as long as an offset can be.
        let place = (section + offset) as u32;
        if found.enter(country, place) {
            let net = network.network().ok().and_then(|net| IpNet::new(net.ip(), net.prefix()).ok());
            match net {
                Some(net) => found.add(net, place),
                None => found.reject(place, b"", Reason::NotARange),
            }
        }
    }
    if !anything {
        let sought = field.map_or_else(|| PATHS.join(", "), str::to_owned);
        found.refuse(format!(
            "has no record with {}; say where with --field",
            crate::printable::printable(&sought)
        ));
    }
}

/// Whether each node hangs below one other; the root of the IPv4 addresses may be aliased. A graph that only looks like
/// a tree has more paths than anybody can walk.
fn is_tree(tree: &[u8], record: usize) -> bool {
    let size = record / 4;
    let node = |number: usize| tree.get(number * size..(number + 1) * size);
    let v4 = (0..96).fold(0, |at, _| node(at).map_or(at, |node| children(node, record)[0]));
    let mut known = vec![false; tree.len() / size];
    tree.chunks_exact(size).flat_map(|node| children(node, record)).all(|child| match known.get_mut(child) {
        // The root hangs below none.
        Some(known) => child != 0 && (child == v4 || !std::mem::replace(known, true)),
        None => true,
    })
}

/// The two records of a node, of 24, 28 or 32 bits, most significant byte first.
fn children(node: &[u8], record: usize) -> [usize; 2] {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
    if record == 28 {
        // The byte in the middle holds the highest four bits of both.
        let middle = usize::from(node[3]);
        return [middle >> 4 << 24 | number(&node[..3]), (middle & 15) << 24 | number(&node[4..])];
    }
    let (left, right) = node.split_at(node.len() / 2);
    [number(left), number(right)]
}

fn path(field: &str) -> Vec<PathElement<'_>> {
    field.split('.').map(PathElement::Key).collect()
}

/// A path that a record does not have, or that leads through something else, says nothing.
fn said(value: &Result<Option<Value>, maxminddb::MaxMindDbError>) -> Said {
    match value {
        Ok(Some(Value::String(code))) => Country::read(code.as_bytes()).map_or(Said::Nothing, Said::Country),
        Ok(Some(Value::Bool(true))) => Said::Yes,
        Ok(_) | Err(_) => Said::Nothing,
    }
}

impl Said {
    const fn is_something(&self) -> bool {
        match self {
            Self::Country(_) | Self::Yes => true,
            Self::Nothing => false,
        }
    }
}
