//! `checker status`: is it watching, with what, how much of the traffic did it judge, does the account close.

use std::fmt::Write as _;

use anyhow::bail;

use super::{account, print};
use crate::{
    cli::Query,
    control::{
        client,
        protocol::{InterfaceStatus, Reply, Request, Status},
    },
    exit_code::ExitCode,
    printable::printable,
};

/// Prints how the daemon is.
///
/// # Errors
///
/// No daemon.
pub fn status(arguments: &Query) -> anyhow::Result<ExitCode> {
    let Reply::Status(status) = client::ask(&arguments.control.socket, &Request::Status)? else {
        bail!("the daemon answered something else; is it another version?")
    };
    if arguments.json {
        print::json(&status)?;
    } else {
        print::text(&text(&status))?;
    }
    Ok(ExitCode::Clean)
}

fn text(status: &Status) -> String {
    let mut text = format!("checker {}, pid {}, since {}\n", status.version, status.pid, status.started);
    for interface in &status.interfaces {
        let _infallible = writeln!(text, "{}", line(interface));
    }
    let Status { generation, loaded, lists, ranges_v4, ranges_v6, .. } = status;
    let _infallible = writeln!(
        text,
        "generation {generation}, loaded {loaded}: {lists} lists, {ranges_v4} IPv4 and {ranges_v6} IPv6 ranges"
    );
    if let Some(refusal) = &status.last_refusal {
        let _infallible = writeln!(text, "the last change was refused: {}", printable(refusal));
    }
    let _infallible = writeln!(text, "readers of tail: {}", status.readers);
    text + &account::text(&status.account)
}

fn line(interface: &InterfaceStatus) -> String {
    let mut line =
        format!("{} (index {}): {} mode", printable(&interface.name), interface.index, interface.mode);
    if let Some(why) = &interface.fallback {
        line = line + ", because " + why;
    }
    if !interface.attached {
        line += ", NOT ATTACHED: no XDP program is on it";
    }
    line + if interface.up { ", up" } else { ", DOWN" }
}
