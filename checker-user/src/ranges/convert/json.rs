//! One array, an object a line.

use std::io::{self, Write};

use serde::Serialize;

use super::Group;
use crate::ranges::{action::Action, label::Label};

#[derive(Serialize)]
struct Row<'a> {
    label: &'a Label,
    action: Action,
    prefix: String,
}

pub(super) fn write(groups: &[Group], out: &mut impl Write) -> io::Result<()> {
    let mut separator = "[\n";
    for Group { label, action, addresses, .. } in groups {
        for net in addresses.prefixes() {
            write!(out, "{separator}")?;
            serde_json::to_writer(&mut *out, &Row { label, action: *action, prefix: net.to_string() })?;
            separator = ",\n";
        }
    }
    let end = if separator == "[\n" { "[]" } else { "\n]" };
    writeln!(out, "{end}")
}
