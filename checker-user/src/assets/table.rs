//! Entries → machines by MAC and by IP address.

use std::{collections::HashMap, collections::hash_map, hash::Hash, net::IpAddr, sync::Arc};

use super::{asset::Asset, read::Entry};
use crate::{alerts::mac::Mac, ranges::stamp::Stamp};

/// The machines of one version of a file.
#[derive(Debug, Default)]
pub struct Table {
    macs: HashMap<Mac, Arc<Asset>>,
    addresses: HashMap<IpAddr, (Arc<Asset>, Option<Mac>)>,
    /// How many machines there are.
    pub machines: usize,
    /// Entries that have no address, by which nobody can be known.
    pub skipped: usize,
    /// The file's version; `None` for a pipe.
    pub stamp: Option<Stamp>,
}

impl Table {
    /// Of these entries. What contradicts itself is told with its line: one address of two machines. That a machine is
    /// named twice is none: the interfaces of one machine may have the same address.
    pub fn new(entries: Vec<Entry>, wrong: &mut impl FnMut(u32, &str, &str)) -> Self {
        let mut table = Self::default();
        let (mut mac_lines, mut address_lines) = (HashMap::new(), HashMap::new());
        let mut assets: HashMap<Asset, Arc<Asset>> = HashMap::new();
        for Entry { asset, macs, addresses } in entries {
            let asset = Arc::clone(assets.entry(asset.clone()).or_insert_with(|| Arc::new(asset)));
            let mac = macs.first().map(|(mac, _)| *mac);
            for (mac, line) in macs {
                if let Err(why) = enter(&mut mac_lines, mac, &asset, line) {
                    wrong(line, &mac.to_string(), &why);
                }
                table.macs.insert(mac, Arc::clone(&asset));
            }
            for (address, line) in addresses {
                if let Err(why) = enter(&mut address_lines, address, &asset, line) {
                    wrong(line, &address.to_string(), &why);
                }
                table.addresses.insert(address, (Arc::clone(&asset), mac));
            }
        }
        table.machines = assets.len();
        table
    }

    /// The machine with this hardware address.
    #[must_use]
    pub fn by_mac(&self, mac: Mac) -> Option<&Arc<Asset>> {
        self.macs.get(&mac)
    }

    /// The machine with this IP address, and its first hardware address if there is one.
    #[must_use]
    pub fn by_address(&self, address: IpAddr) -> Option<&(Arc<Asset>, Option<Mac>)> {
        self.addresses.get(&address)
    }

    /// How many hardware and IP addresses are known.
    #[must_use]
    pub fn addresses(&self) -> (usize, usize) {
        (self.macs.len(), self.addresses.len())
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.macs.is_empty() && self.addresses.is_empty()
    }
}

/// Notes whose an address is, and where that was said first.
fn enter<K: Eq + Hash>(
    lines: &mut HashMap<K, (u32, Arc<Asset>)>,
    key: K,
    asset: &Arc<Asset>,
    line: u32,
) -> Result<(), String> {
    match lines.entry(key) {
        hash_map::Entry::Vacant(free) => {
            free.insert((line, Arc::clone(asset)));
        }
        hash_map::Entry::Occupied(taken) => {
            let (first, other) = taken.get();
            if !Arc::ptr_eq(other, asset) {
                return Err(format!("is of another machine in line {first} already"));
            }
        }
    }
    Ok(())
}
