//! What `ipset restore` takes: for each label a `hash:net` set of each family, even an empty one, so that rules may rely
//! on both. Format: ipset(8).

use std::io::{self, Write};

use ipnet::IpNet;

use super::{Group, name::names};
use crate::ranges::aggregate::{Addresses, aggregate};

/// What a set holds unless it is made for more.
const DEFAULT_MAXELEM: usize = 65_536;

pub(super) fn write(groups: &[Group], out: &mut impl Write) -> io::Result<()> {
    for (group, [v4, v6]) in groups.iter().zip(names(groups)?) {
        writeln!(out, "# {} ({})", group.label, group.action)?;
        let elements = elements(group);
        let (fours, sixes): (Vec<_>, Vec<_>) =
            elements.into_iter().partition(|(net, _)| matches!(net, IpNet::V4(_)));
        write_set(&v4, "inet", &fours, out)?;
        write_set(&v6, "inet6", &sixes, out)?;
    }
    Ok(())
}

fn write_set(name: &str, family: &str, elements: &[(IpNet, bool)], out: &mut impl Write) -> io::Result<()> {
    let maxelem = elements.len().max(DEFAULT_MAXELEM);
    writeln!(out, "create {name} hash:net family {family} maxelem {maxelem}")?;
    for (net, nomatch) in elements {
        writeln!(out, "add {name} {net}{}", if *nomatch { " nomatch" } else { "" })?;
    }
    Ok(())
}

/// The prefixes with their exceptions put back, and the exceptions as `nomatch`: as a set's longest match sees them, that
/// is the same, and mostly fewer of them.
fn elements(group: &Group) -> Vec<(IpNet, bool)> {
    let both = [&group.addresses, &group.exceptions].into_iter().flat_map(Addresses::prefixes);
    let whole = aggregate(both.map(|net| (net, true)));
    let exceptions: Vec<_> = group.exceptions.prefixes().flat_map(halves).collect();
    let matching: Vec<_> = whole.prefixes().flat_map(halves).collect();
    // An exception of a whole prefix leaves nothing to match. It is never wider than that: the fewest prefixes are also
    // the widest.
    let excepted = |net: &IpNet| exceptions.binary_search(net).is_ok();
    let idle = |net: &IpNet| matching.binary_search(net).is_ok();
    let kept = matching.iter().filter(|net| !excepted(net)).map(|net| (*net, false));
    kept.chain(exceptions.iter().filter(|net| !idle(net)).map(|net| (*net, true))).collect()
}

/// A set cannot hold a prefix of length 0, so it holds both halves of one.
fn halves(net: IpNet) -> Vec<IpNet> {
    if net.prefix_len() > 0 {
        return vec![net];
    }
    net.subnets(1).map_or_else(|_| Vec::new(), Iterator::collect)
}
