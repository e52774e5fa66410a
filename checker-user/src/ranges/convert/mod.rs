//! Lists → the same addresses in another form, for other tools: the fewest prefixes that hold exactly them.
//!
//! Each label is written by itself, and what two labels or two actions share is written for both: nobody can say
//! afterwards which of them an address came from. Exceptions take their addresses out of every label; lists that only make exceptions
//! are not written.

mod cidr;
mod ipset;
mod json;
mod name;
mod nft;

use std::{
    io::{self, Write},
    sync::Arc,
};

use clap::ValueEnum;
use ipnet::IpNet;

pub use self::name::SameName;
use super::{
    action::Action,
    aggregate::{Addresses, aggregate},
    difference::difference,
    label::Label,
    parse::List,
};

/// A form that lists can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// A prefix a line, with a comment before each label.
    Cidr,
    /// For `ipset restore`: two sets a label, with exceptions as `nomatch`.
    Ipset,
    /// For `nft -f`: a table `inet checker` with two sets a label.
    Nft,
    /// An array of objects with label, action and prefix.
    Json,
}

/// What is restricted under one label by one action.
#[derive(Clone, Debug)]
pub struct Group {
    /// What the user calls it.
    pub label: Label,
    /// `alert` or `drop`.
    pub action: Action,
    /// Its addresses, without the exceptions.
    pub addresses: Addresses,
    /// The addresses that exceptions took out of it.
    pub exceptions: Addresses,
}

/// Puts lists together by label and action, in the order in which they were named.
#[must_use]
pub fn groups(lists: &[Arc<List>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for List { spec, .. } in lists.iter().map(|list| &**list) {
        let known = groups.iter().any(|group| group.label == spec.label && group.action == spec.action);
        if spec.action != Action::Allow && !known {
            groups.push(group(lists, &spec.label, spec.action));
        }
    }
    groups
}

fn group(lists: &[Arc<List>], label: &Label, action: Action) -> Group {
    let of_group = |list: &List| list.spec.label == *label && list.spec.action == action;
    let ranges = |exceptions: bool| {
        lists.iter().flat_map(move |list| {
            list.entries.iter().filter_map(move |entry| {
                if entry.except || list.spec.action == Action::Allow {
                    exceptions.then_some((entry.net, false))
                } else {
                    of_group(list).then_some((entry.net, true))
                }
            })
        })
    };
    let addresses = aggregate(ranges(true));
    // Nearly no list has any, and to look is quicker than to put the same addresses together again.
    let excepts =
        |list: &Arc<List>| list.spec.action == Action::Allow || list.entries.iter().any(|entry| entry.except);
    let exceptions = if lists.iter().any(excepts) {
        difference(&aggregate(ranges(false)), &addresses)
    } else {
        Addresses::default()
    };
    Group { label: label.clone(), action, addresses, exceptions }
}

/// Writes groups.
///
/// # Errors
///
/// What `out` says; and [`SameName`] when two labels cannot be told apart in that form.
pub fn convert(groups: &[Group], target: Target, out: &mut impl Write) -> io::Result<()> {
    match target {
        Target::Cidr => cidr::write(groups, out),
        Target::Ipset => ipset::write(groups, out),
        Target::Nft => nft::write(groups, out),
        Target::Json => json::write(groups, out),
    }
}

impl Group {
    /// Its prefixes of one family.
    fn prefixes(&self, v4: bool) -> impl Iterator<Item = IpNet> + '_ {
        self.addresses.prefixes().filter(move |net| matches!(net, IpNet::V4(_)) == v4)
    }
}
