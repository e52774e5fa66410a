//! `checker lists`: what is loaded, and from where.

use std::fmt::Write as _;

use anyhow::bail;

use super::print;
use crate::{
    cli::control::Query,
    control::{
        client,
        protocol::{Reply, Request},
    },
    exit_code::ExitCode,
    printable::printable,
};

/// Prints one line a list.
///
/// # Errors
///
/// No daemon.
pub fn lists(arguments: &Query) -> anyhow::Result<ExitCode> {
    let Reply::Lists(lists) = client::ask(&arguments.control.socket, &Request::Lists)? else {
        bail!("the daemon answered something else; is it another version?")
    };
    if arguments.json {
        print::json(&lists)?;
        return Ok(ExitCode::Clean);
    }
    let width = lists.iter().map(|list| list.label.to_string().chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for list in &lists {
        let path = list.url.clone().unwrap_or_else(|| list.path.display().to_string());
        let _infallible = writeln!(
            text,
            "{:width$}  {:5}  {:>7} IPv4  {:>7} IPv6  sha256 {}  {:9}  {:10}  {}",
            list.label.to_string(),
            list.action.to_string(),
            list.ranges_v4,
            list.ranges_v6,
            list.sha256.get(..16).unwrap_or(&list.sha256),
            list.format,
            list.as_of.as_deref().unwrap_or("-"),
            printable(&path)
        );
    }
    print::text(&text)?;
    Ok(ExitCode::Clean)
}
