//! Refuses a list that lost more than half of what it had: nearly always a download that was cut short, or an error page
//! that happened to hold an address. `--force` is for the others.

use std::{error::Error, fmt, sync::Arc};

use super::{
    aggregate::{Addresses, Size, aggregate},
    label::Label,
    parse::List,
};

/// A label that may only be loaded with `--force`. Displays as one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shrunk {
    label: Label,
    what: &'static str,
    before: u128,
    after: u128,
}

/// Compares what is loaded with what would be, label by label: prefixes and addresses of each family, not lines, so that
/// a list that only joins its neighbours has lost nothing. A label that is not loaded, or would no longer be, is not
/// compared.
///
/// # Errors
///
/// The first label of which more than half would be lost.
pub fn check(loaded: &[Arc<List>], fresh: &[Arc<List>]) -> Result<(), Shrunk> {
    let mut labels: Vec<&Label> = fresh.iter().map(|list| &list.spec.label).collect();
    labels.dedup();
    for label in labels {
        if unchanged(loaded, fresh, label) {
            continue;
        }
        let before = addresses(loaded, label).size();
        let after = addresses(fresh, label).size();
        compare(label, before, after)?;
    }
    Ok(())
}

/// What a label's lists come to by themselves, whatever they ask for.
#[must_use]
pub fn addresses(lists: &[Arc<List>], label: &Label) -> Addresses {
    let of_label = lists.iter().filter(|list| list.spec.label == *label);
    aggregate(of_label.flat_map(|list| list.entries.iter().map(|entry| (entry.net, !entry.except))))
}

/// Compares the sizes of a label before and after.
///
/// # Errors
///
/// When more than half would be lost.
pub fn compare(label: &Label, before: Size, after: Size) -> Result<(), Shrunk> {
    let sizes = [
        ("IPv4 addresses", u128::from(before.v4), u128::from(after.v4)),
        ("IPv6 addresses", before.v6, after.v6),
        ("ranges", before.prefixes as u128, after.prefixes as u128),
    ];
    // One wide range in the place of many narrow ones has lost nothing.
    let lost = after.v4 < before.v4 || after.v6 < before.v6;
    for (what, before, after) in sizes {
        if lost && after < before.div_ceil(2) {
            let (what, bits) = if before >> 64 > 0 { ("IPv6 /64s", 64) } else { (what, 0) };
            return Err(Shrunk { label: label.clone(), what, before: before >> bits, after: after >> bits });
        }
    }
    Ok(())
}

/// The same files, to the byte.
fn unchanged(loaded: &[Arc<List>], fresh: &[Arc<List>], label: &Label) -> bool {
    let hashes = |lists: &[Arc<List>]| {
        let of_label = lists.iter().filter(|list| list.spec.label == *label);
        of_label.map(|list| list.sha256).collect::<Vec<_>>()
    };
    hashes(loaded) == hashes(fresh)
}

impl fmt::Display for Shrunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, what, before, after } = self;
        write!(f, "{label} would have {after} {what} where it has {before}: more than half would be lost; ")?;
        write!(f, "use --force to load it")
    }
}

impl Error for Shrunk {}
