//! Addresses by the thousand: the index answers for nearly all of them, the table says which range a restricted one
//! lies in.

use std::{net::IpAddr, sync::Arc};

use checker_common::{index::Answer, packet::Address};

use crate::ranges::{
    action::Action,
    generation::Generation,
    index::{Index, index},
    merge::Range,
};

/// A generation and its indexes.
#[derive(Debug)]
pub struct Judge {
    /// What ranges are explained by.
    pub generation: Arc<Generation>,
    v4: Index,
    v6: Index,
    /// What the classes of the index ask for.
    actions: Vec<Option<Action>>,
}

impl Judge {
    /// Builds the indexes.
    #[must_use]
    pub fn new(generation: Generation) -> Self {
        let compiled = &generation.compiled;
        let mut actions = Vec::new();
        for range in compiled.v4.ranges().iter().chain(compiled.v6.ranges()) {
            let class = range.class as usize;
            if class >= actions.len() {
                actions.resize(class + 1, None);
            }
            actions[class] = Some(range.action);
        }
        Self { v4: index(&compiled.v4), v6: index(&compiled.v6), actions, generation: Arc::new(generation) }
    }

    /// The longest range that covers the address, unless it is an exception.
    #[must_use]
    #[inline(always)]
    pub fn restricted(&self, addr: IpAddr) -> Option<&Range> {
        let addr = addr.to_canonical();
        let answer = match addr {
            IpAddr::V4(addr) => self.v4.find(addr.octets()),
            IpAddr::V6(addr) => self.v6.find(addr.octets()),
        };
        match answer {
            Answer::Nothing => None,
            Answer::Class(class) if self.action(class) == Some(Action::Allow) => None,
            Answer::Class(_) | Answer::AskTrie => {
                let range = self.generation.compiled.lookup(addr);
                range.filter(|range| range.action != Action::Allow)
            }
        }
    }
    /// The class of the longest range that covers an address as it stood in a packet.
    #[must_use]
    #[inline]
    pub fn class(&self, address: &Address) -> Option<u32> {
        let answer = match *address {
            Address::V4(address) => self.v4.find(address),
            Address::V6(address) => self.v6.find(address.0),
        };
        match answer {
            Answer::Nothing => None,
            Answer::Class(class) => Some(class),
            Answer::AskTrie => self.in_table(address),
        }
    }

    #[cold]
    fn in_table(&self, address: &Address) -> Option<u32> {
        let address = match *address {
            Address::V4(address) => IpAddr::from(address),
            Address::V6(address) => IpAddr::from(address.0),
        };
        self.generation.compiled.lookup_as_carried(address).map(|range| range.class)
    }

    /// What the list of a class asks for; `None` for a class that no range has.
    #[must_use]
    #[inline]
    pub fn action(&self, class: u32) -> Option<Action> {
        self.actions.get(class as usize).copied().flatten()
    }
}
