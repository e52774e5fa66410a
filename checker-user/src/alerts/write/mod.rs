//! Event → line → sink.

pub(crate) mod message;
mod own;
pub(crate) mod json;
mod columns;
pub mod human;
pub mod eve;
pub(crate) mod ocsf;
pub(crate) mod ecs;
pub mod sink;

use anyhow::Context as _;
use clap::ValueEnum;

use super::{event::Event, incident::Incident};

/// In which form events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One line for people.
    Human,
    /// EVE JSON lines.
    Eve,
    /// OCSF JSON lines: Detection Findings.
    Ocsf,
    /// Elastic Common Schema JSON lines.
    Ecs,
}

impl Format {
    /// `wish`, or what fits standard output: `human` on a terminal, `eve` elsewhere.
    #[must_use]
    pub fn or_fitting(wish: Option<Self>) -> Self {
        use std::io::IsTerminal as _;
        let fitting = if std::io::stdout().is_terminal() { Self::Human } else { Self::Eve };
        wish.unwrap_or(fitting)
    }

    /// The event as one line, with its line feed, behind what `line` holds already.
    ///
    /// # Errors
    ///
    /// None in practice: an event always has a JSON form.
    pub fn write(self, event: &Event, line: &mut Vec<u8>) -> anyhow::Result<()> {
        match self {
            Self::Human => human::write(event, line),
            Self::Eve => eve::write(event, line),
            Self::Ocsf => ocsf::write(event, line),
            Self::Ecs => ecs::write(event, line),
        }
        .context("cannot format an event")
    }
}

/// What happened to the watcher, in one sentence: for its own diagnostics.
#[must_use]
pub fn incident_sentence(incident: &Incident) -> String {
    message::of_incident(incident).1
}
