//! What `nft -f` takes: one table with, for each label, a set of each family, even an empty one, so that rules may rely on
//! both. Format: nft(8).

use std::io::{self, Write};

use super::{Group, name::names};

pub(super) fn write(groups: &[Group], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "table inet checker {{")?;
    for (group, [v4, v6]) in groups.iter().zip(names(groups)?) {
        writeln!(out, "\t# {} ({})", group.label, group.action)?;
        write_set(&v4, "ipv4_addr", group.prefixes(true).map(|net| net.to_string()), out)?;
        write_set(&v6, "ipv6_addr", group.prefixes(false).map(|net| net.to_string()), out)?;
    }
    writeln!(out, "}}")
}

fn write_set(
    name: &str,
    kind: &str,
    mut elements: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "\tset {name} {{\n\t\ttype {kind}\n\t\tflags interval")?;
    // nft takes no empty pair of braces.
    if let Some(first) = elements.next() {
        write!(out, "\t\telements = {{ {first}")?;
        for element in elements {
            write!(out, ",\n\t\t             {element}")?;
        }
        writeln!(out, " }}")?;
    }
    writeln!(out, "\t}}")
}
