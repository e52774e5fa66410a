//! What was claimed last of each address. So many and no more: who floods the network makes it forget, not grow.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

use super::Claim;
use crate::{alerts::mac::Mac, assets::machine::MacSource};

/// Most addresses that are remembered.
const LIMIT: usize = 65_536;

/// Addresses and who has them.
#[derive(Debug)]
pub struct Bindings {
    by_address: HashMap<IpAddr, Binding>,
    /// Addresses by when they were last heard of, oldest first.
    by_age: BTreeMap<u64, IpAddr>,
    /// Claims so far: what tells older from newer.
    claims: u64,
    limit: usize,
}

#[derive(Clone, Copy, Debug)]
struct Binding {
    mac: Mac,
    source: MacSource,
    heard: u64,
}

/// A claim that contradicts what was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Who had the address.
    pub before: Mac,
    /// Whether that one still has it.
    pub stays: bool,
}

impl Default for Bindings {
    fn default() -> Self {
        Self { by_address: HashMap::new(), by_age: BTreeMap::new(), claims: 0, limit: LIMIT }
    }
}

impl Bindings {
    /// Learns a claim. ARP and neighbour discovery are anybody's word: by them a machine that `is_known` keeps its address
    /// against one that is not. A DHCP server's word always counts.
    pub fn learn(&mut self, claim: Claim, is_known: impl Fn(Mac) -> bool) -> Option<Contradiction> {
        let Claim { address, mac, mut source } = claim;
        let mut contradiction = None;
        if let Some(&Binding { mac: before, source: said, heard }) = self.by_address.get(&address) {
            if before == mac {
                // The server said it first; the machine only says it too.
                source = if said == MacSource::Dhcp { said } else { source };
            } else {
                let stays = source != MacSource::Dhcp && is_known(before) && !is_known(mac);
                contradiction = Some(Contradiction { before, stays });
                if stays {
                    return contradiction;
                }
            }
            self.by_age.remove(&heard);
        } else if self.by_address.len() >= self.limit
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.by_address.remove(&oldest);
        }
        self.claims += 1;
        self.by_age.insert(self.claims, address);
        self.by_address.insert(address, Binding { mac, source, heard: self.claims });
        contradiction
    }

    /// Who has an address, and by what that is known.
    #[must_use]
    pub fn of(&self, address: IpAddr) -> Option<(Mac, MacSource)> {
        self.by_address.get(&address).map(|binding| (binding.mac, binding.source))
    }

    /// How many addresses are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_address.len()
    }

    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_address.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: Mac = Mac([0x3c, 0xec, 0xef, 0, 0, 1]);
    const OTHER: Mac = Mac([0x3c, 0xec, 0xef, 0, 0, 2]);

    fn claim(last: u8, mac: Mac, source: MacSource) -> Claim {
        Claim { address: IpAddr::from([192, 0, 2, last]), mac, source }
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn the_newest_word_counts_and_the_server_stays_the_source() {
        let mut bindings = Bindings::default();
        assert_eq!(bindings.learn(claim(1, KNOWN, MacSource::Dhcp), |_| false), None);
        assert_eq!(bindings.learn(claim(1, KNOWN, MacSource::Arp), |_| false), None);
        assert_eq!(bindings.of(address(1)), Some((KNOWN, MacSource::Dhcp)));
        let changed = bindings.learn(claim(1, OTHER, MacSource::Arp), |_| false);
        assert_eq!(changed, Some(Contradiction { before: KNOWN, stays: false }));
        assert_eq!(bindings.of(address(1)), Some((OTHER, MacSource::Arp)));
    }

    #[test]
    fn a_stranger_takes_no_address_from_a_known_machine() {
        let mut bindings = Bindings::default();
        let is_known = |mac| mac == KNOWN;
        bindings.learn(claim(1, KNOWN, MacSource::Arp), is_known);
        let changed = bindings.learn(claim(1, OTHER, MacSource::Nd), is_known);
        assert_eq!(changed, Some(Contradiction { before: KNOWN, stays: true }));
        assert_eq!(bindings.of(address(1)), Some((KNOWN, MacSource::Arp)));
        let changed = bindings.learn(claim(1, OTHER, MacSource::Dhcp), is_known);
        assert_eq!(changed, Some(Contradiction { before: KNOWN, stays: false }), "the server gave it away");
        assert_eq!(bindings.of(address(1)), Some((OTHER, MacSource::Dhcp)));
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let mut bindings = Bindings { limit: 2, ..Bindings::default() };
        for last in [1, 2, 1, 3] {
            bindings.learn(claim(last, KNOWN, MacSource::Arp), |_| false);
        }
        assert_eq!((bindings.len(), bindings.of(address(2))), (2, None));
        assert!(bindings.of(address(1)).is_some() && bindings.of(address(3)).is_some());
    }

    proptest! {
        #[test]
        fn it_never_grows_beyond_its_limit(claims in prop::collection::vec((0..9u8, 0..3u8), 0..200)) {
            let mut bindings = Bindings { limit: 5, ..Bindings::default() };
            for (last, mac) in claims {
                bindings.learn(claim(last, Mac([2, 0, 0, 0, 0, mac]), MacSource::Arp), |mac| mac.0[5] == 0);
                prop_assert!(bindings.len() <= 5);
                prop_assert_eq!(bindings.len(), bindings.by_age.len());
            }
        }
    }
}
