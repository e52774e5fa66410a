//! What a set is called in the tools that know sets: in letters, digits, `_`, `-` and `.` only, which all of them take.

use std::{collections::HashMap, error::Error, fmt, io};

use super::Group;
use crate::ranges::action::Action;

/// Longest name, in bytes: `IPSET_MAXNAMELEN` of the kernel's `ip_set.h`, without the zero at the end.
const LONGEST: usize = 31;

/// Two sets that would have one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameName {
    labels: [String; 2],
    name: String,
}

/// The names of the IPv4 and the IPv6 set of each group.
pub(super) fn names(groups: &[Group]) -> io::Result<Vec<[String; 2]>> {
    let mut taken = HashMap::new();
    let mut names = Vec::with_capacity(groups.len());
    for group in groups {
        let both = ["_v4", "_v6"].map(|family| name(group, family));
        if let Some(other) = taken.insert(both[0].clone(), group.label.to_string()) {
            let labels = [other, group.label.to_string()];
            return Err(io::Error::other(SameName { labels, name: both[0].clone() }));
        }
        names.push(both);
    }
    Ok(names)
}

fn name(group: &Group, family: &str) -> String {
    let action = match group.action {
        Action::Drop => "_drop",
        Action::Alert | Action::Allow => "",
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
    let mut name: String = group.label.as_str().chars().map(plain).collect();
    // nft takes no name that begins like a number or an option.
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.insert(0, 's');
    }
    name.truncate(LONGEST - action.len() - family.len());
    name + action + family
}

impl fmt::Display for SameName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { labels: [one, other], name } = self;
        write!(f, "the sets of {one} and {other} would both be called {name}; convert them one by one")
    }
}

impl Error for SameName {}
