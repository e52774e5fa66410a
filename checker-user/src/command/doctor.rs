//! `checker doctor`: what keeps checker from watching here, or from watching well, with remedies.

use serde_json::json;

use super::print;
use crate::{
    cli::doctor::Doctor,
    doctor::{
        draw::draw,
        examine::{Patient, examine},
        finding::State,
    },
    exit_code::ExitCode,
};

/// Prints a table of findings; [`ExitCode::Restricted`] says that there are warnings, [`ExitCode::Error`] that `checker
/// run` would be refused.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn doctor(arguments: Doctor) -> anyhow::Result<ExitCode> {
    let patient = Patient {
        interfaces: arguments.interfaces,
        log: arguments.log,
        pins: arguments.pin,
        state: arguments.state,
        socket: arguments.control.socket,
        stale: arguments.stale,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let findings = runtime.block_on(examine(&patient));
    let worst = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Ok);
    if arguments.json {
        print::json(&json!({ "state": worst, "findings": findings }))?;
    } else {
        print::text(&draw(&findings))?;
    }
    Ok(match worst {
        State::Ok => ExitCode::Clean,
        State::Warning => ExitCode::Restricted,
        State::Prevents => ExitCode::Error,
    })
}
