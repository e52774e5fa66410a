//! `checker load`, `unload`, `reload`: ranges at runtime.

use std::path::Path;

use anyhow::bail;

use super::print;
use crate::{
    control::{
        client,
        protocol::{Reply, Request},
    },
    exit_code::ExitCode,
};

/// Asks for a change and prints the generation that came of it.
///
/// # Errors
///
/// Why it was refused; then nothing was changed.
pub fn change(socket: &Path, request: &Request) -> anyhow::Result<ExitCode> {
    let Reply::Loaded(loaded) = client::ask(socket, request)? else {
        bail!("the daemon answered something else; is it another version?")
    };
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    print::text(&format!(
        "generation {}: {} lists, {} IPv4 and {} IPv6 ranges, active after {:.1} ms\n",
        loaded.generation, loaded.lists, loaded.ranges_v4, loaded.ranges_v6, loaded.milliseconds
    ))?;
    Ok(ExitCode::Clean)
}
