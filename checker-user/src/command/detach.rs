//! `checker detach`: takes the program off an interface. The last one ends the daemon. Where none runs, what one has left
//! pinned is taken off.

use std::path::Path;

use anyhow::bail;

use super::print;
use crate::{
    cli::change::Detach,
    control::{
        client,
        protocol::{Reply, Request},
    },
    daemon::estate::Estate,
    datapath::pins,
    exit_code::ExitCode,
    printable::printable,
};

/// Detaches, and prints from what.
///
/// # Errors
///
/// No daemon and no pins, or an interface that is not watched.
pub fn detach(arguments: Detach) -> anyhow::Result<ExitCode> {
    let Detach { interface, pin, state, control } = arguments;
    let request = Request::Detach { interface: interface.clone() };
    let interfaces = match client::ask(&control.socket, &request) {
        Ok(Reply::Detached(interfaces)) => interfaces,
        Ok(_) => bail!("the daemon answered something else; is it another version?"),
        Err(error) if client::is_absent(&control.socket) => {
            let left = unpin(&pin, interface.as_deref(), &state)?;
            if left.is_empty() {
                return Err(error);
            }
            left
        }
        Err(error) => return Err(error),
    };
    let names: Vec<_> = interfaces.iter().map(|name| printable(name)).collect();
    print::text(&format!("detached from {}\n", names.join(", ")))?;
    Ok(ExitCode::Clean)
}

/// Takes off what a daemon that is gone has left.
fn unpin(pin: &Path, interface: Option<&str>, state: &Path) -> anyhow::Result<Vec<String>> {
    let mut interfaces = Vec::new();
    for (name, maps) in pins::remove_all(pin, interface)? {
        if let Some(maps) = maps
            && !pins::is_pinned(pin, maps)
        {
            Estate::of(state, maps).remove();
        }
        interfaces.push(name);
    }
    Ok(interfaces)
}
