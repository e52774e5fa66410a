//! A prefix a line, IPv4 first, with a comment before each label.

use std::io::{self, Write};

use super::Group;

pub(super) fn write(groups: &[Group], out: &mut impl Write) -> io::Result<()> {
    for Group { label, action, addresses, .. } in groups {
        writeln!(out, "# {label} ({action})")?;
        for net in addresses.prefixes() {
            writeln!(out, "{net}")?;
        }
    }
    Ok(())
}
