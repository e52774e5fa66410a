//! Which machine a packet is about; docs/assets.md says it in words.

use std::{net::IpAddr, sync::Arc};

use super::{asset::Asset, mac::of_eui64, table::Table};
use crate::alerts::mac::Mac;

/// Where a hardware address was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacSource {
    /// The frame itself.
    L2,
    /// A DHCP server's acknowledgement.
    Dhcp,
    /// ARP.
    Arp,
    /// IPv6 neighbour discovery.
    Nd,
    /// An IPv6 address that was made of it.
    Eui64,
    /// The user's records.
    Inventory,
    /// Nowhere: there is none.
    None,
}

impl MacSource {
    /// As an alert says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::L2 => "l2",
            Self::Dhcp => "dhcp",
            Self::Arp => "arp",
            Self::Nd => "nd",
            Self::Eui64 => "eui64",
            Self::Inventory => "inventory",
            Self::None => "none",
        }
    }
}

/// Who takes part in a packet.
#[derive(Clone, Copy, Debug)]
pub struct Parties {
    /// Hardware address of the frame's sender.
    pub source_mac: Option<Mac>,
    /// Of its receiver.
    pub destination_mac: Option<Mac>,
    /// The address that lies in a range.
    pub matched: IpAddr,
    /// Source of the packet, the outermost one.
    pub source: IpAddr,
    /// Destination.
    pub destination: IpAddr,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its hardware address.
    pub mac: Option<Mac>,
    /// Where that was learned.
    pub source: MacSource,
    /// What is known of it.
    pub asset: Option<Arc<Asset>>,
}

/// The machine that `parties` are about: the first that the records know; otherwise the sender.
pub fn machine(
    parties: &Parties,
    table: &Table,
    learned: impl Fn(IpAddr) -> Option<(Mac, MacSource)>,
) -> Machine {
    let Parties { source_mac, destination_mac, matched, source, destination } = *parties;
    // The network's own word, then what the address itself says.
    let of =
        |address| learned(address).into_iter().chain(of_eui64(address).map(|mac| (mac, MacSource::Eui64)));
    if !table.is_empty() {
        let addresses = [matched, source, destination];
        let l2 = |mac: Option<Mac>| mac.map(|mac| (mac, MacSource::L2));
        let known = |(mac, source): (Mac, MacSource)| {
            let asset = Arc::clone(table.by_mac(mac)?);
            Some(Machine { mac: Some(mac), source, asset: Some(asset) })
        };
        let listed = |address| {
            let (asset, mac) = table.by_address(address)?;
            Some(Machine { mac: *mac, source: MacSource::Inventory, asset: Some(Arc::clone(asset)) })
        };
        let found = l2(source_mac)
            .and_then(known)
            .or_else(|| addresses.into_iter().flat_map(of).find_map(known))
            .or_else(|| addresses.into_iter().find_map(listed))
            .or_else(|| l2(destination_mac).and_then(known));
        if let Some(machine) = found {
            return machine;
        }
    }
    // Behind a router or a relay the frame's sender is not the packet's.
    match of(source).next() {
        Some((mac, by)) if Some(mac) != source_mac => Machine { mac: Some(mac), source: by, asset: None },
        _ if source_mac.is_some() => Machine { mac: source_mac, source: MacSource::L2, asset: None },
        _ => Machine { mac: None, source: MacSource::None, asset: None },
    }
}

#[cfg(test)]
mod tests;
