//! `checker groups`: the table of country groups, as of when, and on whose word.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::json;

use super::print;
use crate::{
    cli::judge::{Groups as Arguments, GroupsCommand},
    exit_code::ExitCode,
    printable::printable,
    ranges::{
        groups::{Group, Groups},
        parse::date::today,
    },
};

/// Prints all groups, or one.
///
/// # Errors
///
/// When the table cannot be read, or has no such group.
pub fn groups(arguments: &Arguments) -> Result<ExitCode> {
    let table = Groups::read(arguments.groups.as_deref())?;
    if let Some(stale) = table.stale(today()) {
        tracing::warn!("{stale}");
    }
    match (&arguments.command, arguments.json) {
        (None, true) => print::json(&table)?,
        (None, false) => {
            let mut text = String::new();
            for (name, group) in &table.groups {
                let _infallible = writeln!(text, "{}", line(name, group));
            }
            print::text(&(text + &origin(&table)))?;
        }
        (Some(GroupsCommand::Show { group }), true) => {
            let found = table.get(group)?;
            print::json(&json!({
                "group": group,
                "meaning": found.meaning,
                "members": found.members,
                "as_of": table.as_of.to_string(),
                "source": table.source,
                "sha256": table.sha256,
            }))?;
        }
        (Some(GroupsCommand::Show { group }), false) => {
            let found = table.get(group)?;
            print::text(&format!("{}\n{}", line(group, found), origin(&table)))?;
        }
    }
    Ok(ExitCode::Clean)
}

fn line(name: &str, group: &Group) -> String {
    let members: Vec<_> = group.members.iter().map(ToString::to_string).collect();
    let (name, meaning) = (printable(name), printable(&group.meaning));
    format!("{name}  {meaning} ({}): {}", members.len(), members.join(" "))
}

fn origin(table: &Groups) -> String {
    format!(
        "as of {}, from {}\nsha256 {}\nFacts, not legal advice.\n",
        table.as_of,
        printable(&table.source),
        table.sha256
    )
}
