//! One UDP datagram a message. Nobody acknowledges any, but a machine on which nobody listens may say so.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    os::fd::AsFd as _,
    sync::Arc,
    time::Duration,
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{
    super::{
        datagram::fate,
        output::{Failure, Fate, Output},
    },
    message::Form,
};
use crate::alerts::event::Event;

/// How long a network that takes nothing is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long, in milliseconds, a machine that has refused messages may take to refuse another one.
const REFUSAL: u8 = 100;

/// Sends to one address.
pub(in super::super) struct Udp {
    address: SocketAddr,
    form: Form,
    socket: Option<UdpSocket>,
    /// Nobody was there the last time: a message is sent only when the answer to the one before it can be known.
    refused: bool,
}

impl Udp {
    /// Nothing is sent yet; the network need not be up.
    pub(in super::super) const fn new(address: SocketAddr, form: Form) -> Self {
        Self { address, form, socket: None, refused: false }
    }

    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => connect(self.address)?,
        };
        socket.send(message)?;
        if self.refused {
            refusal(&socket)?;
            self.refused = false;
        }
        self.socket = Some(socket);
        Ok(())
    }
}

impl Output for Udp {
    const BATCH: usize = 1;

    fn write(&mut self, events: &[Arc<Event>]) -> Result<(), Failure> {
        for (written, event) in events.iter().enumerate() {
            let message = self.form.message(event);
            self.send(&message).map_err(|error| {
                let fate = fate(&error);
                self.refused = fate == Fate::Kept;
                Failure { written, reason: error.to_string(), fate }
            })?;
        }
        Ok(())
    }

    fn look_after(&mut self) -> io::Result<()> {
        match self.socket.as_ref().map_or(Ok(None), UdpSocket::take_error)? {
            Some(error) => {
                self.refused = true;
                Err(error)
            }
            None => Ok(()),
        }
    }
}

/// Connected, so that we hear of a refusal.
fn connect(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(address)?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// Waits for a refusal of what was sent.
fn refusal(socket: &UdpSocket) -> io::Result<()> {
    // An error wakes, whatever is asked for.
    poll(&mut [PollFd::new(socket.as_fd(), PollFlags::empty())], PollTimeout::from(REFUSAL))?;
    socket.take_error()?.map_or(Ok(()), Err)
}
