//! `checker detach`: takes the program off an interface. The last one ends the daemon.

use anyhow::bail;

use super::print;
use crate::{
    cli::Detach,
    control::{
        client,
        protocol::{Reply, Request},
    },
    exit_code::ExitCode,
    printable::printable,
};

/// Detaches, and prints from what.
///
/// # Errors
///
/// No daemon, or an interface that is not watched.
pub fn detach(arguments: Detach) -> anyhow::Result<ExitCode> {
    let request = Request::Detach { interface: arguments.interface };
    let Reply::Detached(interfaces) = client::ask(&arguments.control.socket, &request)? else {
        bail!("the daemon answered something else; is it another version?")
    };
    let names: Vec<_> = interfaces.iter().map(|name| printable(name)).collect();
    print::text(&format!("detached from {}\n", names.join(", ")))?;
    Ok(ExitCode::Clean)
}
