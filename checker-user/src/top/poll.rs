//! Asks the daemon, on a thread of its own: one that is gone, or slow, does not hold up the keys.

use std::{path::Path, time::Duration};

use anyhow::bail;

use crate::control::{
    client,
    flow::FlowRow,
    protocol::{Reply, Request},
    status::Status,
};

/// What the daemon said, or why it said nothing.
pub(super) type Answer = Result<(Box<Status>, Vec<FlowRow>), String>;

/// Asks once.
pub(super) fn ask(socket: &Path) -> Answer {
    let said = || {
        let Reply::Status(status) = client::ask(socket, &Request::Status)? else { bail!(OTHER) };
        let Reply::Flows(flows) = client::ask(socket, &Request::Flows)? else { bail!(OTHER) };
        anyhow::Ok((status, flows))
    };
    said().map_err(|error| format!("{error:#}"))
}

const OTHER: &str = "the daemon answered something else; is it another version?";

/// Asks every so often and hands on what was said, until nobody takes it any more.
pub(super) fn keep_asking(socket: &Path, every: Duration, hand_on: impl Fn(Answer) -> bool) {
    while hand_on(ask(socket)) {
        std::thread::sleep(every);
    }
}
