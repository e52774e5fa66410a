//! A TCP connection that is made again when it breaks.
//!
//! Messages count as written when the server's kernel has acknowledged them: what was on its way when a connection
//! breaks is sent once more over the next one. So a message may come twice, but none is missing without being counted.

use std::{
    io::{self, Write as _},
    net::{SocketAddr, TcpStream},
    os::fd::AsRawFd as _,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{
    super::output::{Failure, Fate, Output},
    message::Form,
};
use crate::alerts::event::Event;

/// How long a connection may take to come up, and a server to acknowledge what it was sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connection, and how messages are made.
pub(in super::super) struct Stream {
    address: SocketAddr,
    form: Form,
    connection: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Stream {
    pub(in super::super) const fn new(address: SocketAddr, form: Form) -> Self {
        Self { address, form, connection: None, buffer: Vec::new() }
    }

    fn send(&mut self) -> io::Result<()> {
        let connection = match self.connection.take() {
            Some(connection) if is_open(&connection) => connection,
            _ => connect(self.address)?,
        };
        (&connection).write_all(&self.buffer).map_err(|error| {
            if error.kind() == io::ErrorKind::WouldBlock {
                io::Error::new(io::ErrorKind::TimedOut, "the server takes nothing")
            } else {
                error
            }
        })?;
        acknowledged(&connection)?;
        self.connection = Some(connection);
        Ok(())
    }
}

impl Output for Stream {
    const BATCH: usize = 256;

    fn write(&mut self, events: &[Arc<Event>]) -> Result<(), Failure> {
        self.buffer.clear();
        for event in events {
            let message = self.form.message(event);
            self.buffer.extend(format!("{} ", message.len()).bytes());
            self.buffer.extend(message);
        }
        // A connection that failed is let go: half a message may be in it.
        self.send().map_err(|error| Failure { written: 0, reason: error.to_string(), fate: Fate::Kept })
    }
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let connection = TcpStream::connect_timeout(&address, PATIENCE)?;
    connection.set_write_timeout(Some(PATIENCE))?;
    connection.set_nodelay(true)?;
    Ok(connection)
}

/// Whether the server has not hung up; it has nothing to say otherwise.
fn is_open(connection: &TcpStream) -> bool {
    let look = || {
        connection.set_nonblocking(true)?;
        let seen = connection.peek(&mut [0]);
        connection.set_nonblocking(false)?;
        seen
    };
    match look() {
        Ok(length) => length > 0,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

/// Waits until the server's kernel has everything.
fn acknowledged(connection: &TcpStream) -> io::Result<()> {
    let began = Instant::now();
    let mut pause = Duration::from_micros(50);
    loop {
        let on_the_way = unacknowledged(connection)?;
        if let Some(error) = connection.take_error()? {
            return Err(error);
        }
        if on_the_way == 0 {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the server acknowledges nothing"));
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Bytes that the other end has not acknowledged.
fn unacknowledged(connection: &TcpStream) -> io::Result<libc::c_int> {
    let mut bytes = 0;
    // SAFETY: TIOCOUTQ (tcp(7), SIOCOUTQ) writes one int, to where the pointer points.
    let done = unsafe { libc::ioctl(connection.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    if done == 0 { Ok(bytes) } else { Err(io::Error::last_os_error()) }
}
