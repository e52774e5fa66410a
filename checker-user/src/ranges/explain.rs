//! Why an address is judged as it is: every range that covers it, widest to narrowest, and which of them wins.
//!
//! The merged set holds one range for each prefix. What lost its prefix to another list is still in the lists, which are
//! kept whole beside it; the winner is the one that the compiled tables name, so this cannot disagree with a verdict.

use std::{cmp::Reverse, net::IpAddr, sync::Arc};

use checker_common::{
    embedded::{MOST, Via, embedded},
    nat64::Nat64,
    packet::Octets,
};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{
    action::Action,
    generation::Generation,
    label::Label,
    merge::Range,
    parse::{Format, List},
};

/// All there is to say about one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The address.
    pub address: IpAddr,
    /// Whether a packet that carries it alerts or drops.
    pub restricted: bool,
    /// The address itself, then the IPv4 addresses inside it, as the kernel program looks them up.
    pub lookups: Vec<Lookup>,
}

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// What was looked up.
    pub address: IpAddr,
    /// How the address carries it: `mapped`, `6to4`, `nat64`, `teredo`, `isatap`; `null` for the address itself.
    pub via: Option<String>,
    /// Every range that covers it: widest first, and the strongest of one prefix first.
    pub ranges: Vec<Covering>,
}

/// A range that covers an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covering {
    /// What became of it.
    pub standing: Standing,
    /// The range.
    pub prefix: IpNet,
    /// What the user calls the list.
    pub label: Label,
    /// What the range asks for.
    pub action: Action,
    /// The list's file, without the folders.
    pub list: String,
    /// Hash of that file: lower-case hexadecimal digits.
    pub sha256: String,
    /// The format of the file.
    pub format: Format,
    /// The day that the file says it is of.
    pub as_of: Option<String>,
    /// The line of the file; in a binary format the offset in bytes.
    pub line: u32,
}

/// What became of a range that covers an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It decides.
    Wins,
    /// A longer prefix decides.
    Wider,
    /// A stronger action decides, on the same prefix.
    Weaker,
    /// The same action decides, on the same prefix, of a list that was named or a line that stands before.
    Later,
}

/// Explains an address. `nat64` are the prefixes behind which IPv4 addresses are found.
#[must_use]
pub fn explain(generation: &Generation, address: IpAddr, nat64: &Nat64) -> Explanation {
    let mut lookups = vec![look_up(generation, address, None)];
    if let IpAddr::V6(v6) = address {
        let inside = (0..MOST).filter_map(|index| embedded(&Octets(v6.octets()), index, nat64));
        lookups.extend(inside.map(|(via, v4)| look_up(generation, IpAddr::from(v4), Some(via))));
    }
    let restricts =
        |covering: &Covering| covering.standing == Standing::Wins && covering.action != Action::Allow;
    let restricted = lookups.iter().any(|lookup| lookup.ranges.iter().any(restricts));
    Explanation { address, restricted, lookups }
}

fn look_up(generation: &Generation, address: IpAddr, via: Option<Via>) -> Lookup {
    let compiled = &generation.compiled;
    let ranges = compiled.lookup_as_carried(address).map_or_else(Vec::new, |winner| {
        let lists = compiled.lists.iter().enumerate();
        let mut ranges: Vec<_> =
            lists.flat_map(|(index, list)| covering(list, index, address, winner)).collect();
        // Stable: within a prefix and an action the order of lists and lines stays.
        ranges.sort_by_key(|covering| (covering.prefix.prefix_len(), Reverse(covering.action)));
        ranges
    });
    Lookup { address, via: via.and_then(Via::name).map(str::to_owned), ranges }
}

/// The ranges of one list that cover the address.
fn covering<'a>(
    list: &'a Arc<List>,
    index: usize,
    address: IpAddr,
    winner: &'a Range,
) -> impl Iterator<Item = Covering> + 'a {
    let sha256 = list.sha256_hex();
    list.entries.iter().filter(move |entry| entry.net.contains(&address)).map(move |entry| {
        let action = if entry.except { Action::Allow } else { list.spec.action };
        let standing = if entry.net != winner.net() {
            Standing::Wider
        } else if action != winner.action {
            Standing::Weaker
        } else if (index, entry.line) != (winner.list as usize, winner.line) {
            Standing::Later
        } else {
            Standing::Wins
        };
        Covering {
            standing,
            prefix: entry.net,
            label: list.spec.label.clone(),
            action,
            list: list.name.clone(),
            sha256: sha256.clone(),
            format: list.format,
            as_of: list.as_of.map(|date| date.to_string()),
            line: entry.line,
        }
    })
}
