//! One datagram an event to a Unix socket: the journal, and syslog of the machine itself.

use std::{
    io,
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::output::{Failure, Fate, Output};
use crate::alerts::event::Event;

/// How long a receiver that takes nothing is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Sends what `form` makes of each event.
pub(super) struct Datagrams<F> {
    socket: UnixDatagram,
    path: PathBuf,
    form: F,
}

impl<F: Fn(&Event) -> Vec<u8>> Datagrams<F> {
    /// To the socket `path`; nobody need be there.
    pub(super) fn new(path: &Path, form: F) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { socket, path: path.to_owned(), form })
    }
}

impl<F: Fn(&Event) -> Vec<u8> + Send + 'static> Output for Datagrams<F> {
    const BATCH: usize = 1;

    fn write(&mut self, events: &[Arc<Event>]) -> Result<(), Failure> {
        for (written, event) in events.iter().enumerate() {
            let sent = self.socket.send_to(&(self.form)(event), &self.path);
            sent.map_err(|error| Failure { written, reason: error.to_string(), fate: fate(&error) })?;
        }
        Ok(())
    }
}

/// What becomes of a datagram that was not sent: one that is too long will be so the next time.
pub(super) fn fate(error: &io::Error) -> Fate {
    if error.raw_os_error() == Some(libc::EMSGSIZE) { Fate::Lost } else { Fate::Kept }
}
