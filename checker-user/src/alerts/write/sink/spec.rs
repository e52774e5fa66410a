//! A further sink as the user asked for it.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicU64},
};

use anyhow::Context as _;
use tokio::sync::mpsc::UnboundedSender;

use super::{
    datagram::Datagrams,
    file::{LogFile, Sync},
    journald,
    output::Output,
    queue::Sink,
    syslog::{
        facility::Facility,
        message::{Form, Payload},
        stream::Stream,
        target::Target,
        udp::Udp,
    },
    tally::Tally,
    webhook::{direct::Direct, endpoint::Endpoint, post::Poster, spool::Spool, spooled::Spooled},
};
use crate::{
    alerts::{event::Event, incident::Incident},
    printable::printable,
};

/// A sink beside standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkSpec {
    /// A file of EVE lines.
    File {
        /// Where it is.
        path: PathBuf,
        /// When what was written is forced onto the disk.
        sync: Sync,
    },
    /// The systemd journal.
    Journald {
        /// Its socket.
        path: PathBuf,
    },
    /// A server that takes HTTP POST.
    Webhook {
        /// Its URL.
        endpoint: Endpoint,
        /// A file with a bearer token.
        token: Option<PathBuf>,
        /// A folder for what it does not take, and how many bytes it may have.
        spool: Option<(PathBuf, u64)>,
    },
    /// A syslog server.
    Syslog {
        /// Where it is.
        target: Target,
        /// Which part of the system messages come from.
        facility: Facility,
        /// What they carry.
        payload: Payload,
    },
}

impl SinkSpec {
    /// Its name in the account; safe to show.
    fn name(&self) -> String {
        match self {
            Self::File { path, .. } => format!("log {}", printable(&path.to_string_lossy())),
            Self::Webhook { endpoint, .. } => format!("webhook {endpoint}"),
            Self::Syslog { target, .. } => format!("syslog {target}"),
            Self::Journald { path } => format!("journald {}", printable(&path.to_string_lossy())),
        }
    }

    /// Opens it; `reopen` counts how often files are to be opened anew.
    pub(super) fn open(
        &self,
        reopen: &Arc<AtomicU64>,
        incidents: &UnboundedSender<Incident>,
    ) -> anyhow::Result<Sink> {
        match self {
            Self::File { path, sync } => {
                Ok(self.sink(LogFile::open(path, *sync, Arc::clone(reopen))?, incidents))
            }
            Self::Syslog { target, facility, payload } => {
                let form = Form::new(*facility, *payload);
                match target {
                    Target::Tcp(address) => Ok(self.sink(Stream::new(*address, form), incidents)),
                    Target::Udp(address) => Ok(self.sink(Udp::new(*address, form), incidents)),
                    Target::Unix(path) => {
                        let message = move |event: &Event| form.message(event);
                        Ok(self.sink(self.datagrams(path, message)?, incidents))
                    }
                }
            }
            Self::Webhook { endpoint, token, spool } => {
                let poster = Poster::new(endpoint.clone(), token.clone())?;
                let Some((folder, limit)) = spool else {
                    return Ok(self.sink(Direct::new(poster), incidents));
                };
                let tally = Arc::new(Tally::new(self.name()));
                let spool = Spool::open(folder, *limit)?;
                let output = Spooled::new(spool, poster, &tally, incidents.clone());
                Ok(Self::counted(tally, output, incidents))
            }
            Self::Journald { path } => Ok(self.sink(self.datagrams(path, journald::entry)?, incidents)),
        }
    }

    fn datagrams<F: Fn(&Event) -> Vec<u8>>(&self, path: &Path, form: F) -> anyhow::Result<Datagrams<F>> {
        Datagrams::new(path, form).with_context(|| format!("no socket for {}", self.name()))
    }

    fn sink(&self, output: impl Output, incidents: &UnboundedSender<Incident>) -> Sink {
        Self::counted(Arc::new(Tally::new(self.name())), output, incidents)
    }

    fn counted(tally: Arc<Tally>, output: impl Output, incidents: &UnboundedSender<Incident>) -> Sink {
        let (sink, _never_over) = Sink::new(tally, output, incidents.clone());
        sink
    }
}
