//! What gets past the XDP program: the frames that a packet socket on the interface is shown.

use std::os::fd::{AsRawFd as _, OwnedFd};

use anyhow::{Context as _, Result};
use nix::{
    errno::Errno,
    sys::socket::{MsgFlags, recv},
};

use crate::{netns::Namespace, send::packet_socket, wait::wait_until};

/// A packet socket that takes every frame that comes in.
#[derive(Debug)]
pub struct Receiver {
    socket: OwnedFd,
}

impl Receiver {
    /// Listens on `interface` from now on.
    ///
    /// # Errors
    ///
    /// Without root, or without such an interface.
    pub fn new(namespace: &Namespace, interface: &str) -> Result<Self> {
        let every = u16::try_from(libc::ETH_P_ALL)?.to_be();
        Ok(Self { socket: namespace.enter(|| packet_socket(interface, every))?? })
    }

    /// Waits for the next frame.
    ///
    /// # Errors
    ///
    /// When none comes.
    pub fn next(&self) -> Result<Vec<u8>> {
        wait_until("a frame gets through", || match self.now() {
            Ok(Some(frame)) => Ok(frame),
            Ok(None) => Err("none did".to_owned()),
            Err(error) => Err(format!("{error:#}")),
        })
    }

    /// A frame that is there already.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn now(&self) -> Result<Option<Vec<u8>>> {
        let mut frame = vec![0; 1 << 16];
        match recv(self.socket.as_raw_fd(), &mut frame, MsgFlags::MSG_DONTWAIT) {
            Ok(length) => {
                frame.truncate(length);
                Ok(Some(frame))
            }
            Err(Errno::EAGAIN) => Ok(None),
            Err(error) => Err(error).context("cannot receive"),
        }
    }
}
