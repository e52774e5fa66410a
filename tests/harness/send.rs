//! Raw frames onto an interface: exactly these bytes, exactly so many times.

use std::{
    fs,
    os::fd::{AsRawFd as _, OwnedFd},
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result};
use nix::{
    errno::Errno,
    net::if_::if_nametoindex,
    sys::socket::{
        AddressFamily, LinkAddr, MsgFlags, SockFlag, SockType, SockaddrLike as _, bind, send, socket,
    },
};

use crate::{netns::Namespace, wait::DEADLINE};

/// A packet socket on one interface of a namespace.
#[derive(Debug)]
pub struct Sender<'a> {
    socket: OwnedFd,
    namespace: &'a Namespace,
    interface: String,
}

impl<'a> Sender<'a> {
    /// Opens a socket on `interface`.
    ///
    /// # Errors
    ///
    /// Without root, or without such an interface.
    pub fn new(namespace: &'a Namespace, interface: &str) -> Result<Self> {
        let socket = namespace.enter(|| open(interface))??;
        Ok(Self { socket, namespace, interface: interface.to_owned() })
    }

    /// Sends `frame` so often that it arrives `count` times.
    ///
    /// A veth pair drops what its other end is too slow for. Newer kernels say so to the sender, older ones only count
    /// it; either way it is sent again.
    ///
    /// # Errors
    ///
    /// When the interface does not take it.
    pub fn send(&self, frame: &[u8], count: u64) -> Result<()> {
        let mut missing = count;
        while missing > 0 {
            let before = self.dropped()?;
            let mut refused = 0;
            for _ in 0..missing {
                refused += self.send_once(frame)?;
            }
            missing = (self.dropped()? - before).saturating_sub(refused);
        }
        Ok(())
    }

    /// Sends each frame once, in their order.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn send_all<'f>(&self, frames: impl IntoIterator<Item = &'f Vec<u8>>) -> Result<()> {
        frames.into_iter().try_for_each(|frame| self.send(frame, 1))
    }

    /// Sends until the interface takes it; gives how often it did not.
    fn send_once(&self, frame: &[u8]) -> Result<u64> {
        let began = Instant::now();
        for refused in 0.. {
            match send(self.socket.as_raw_fd(), frame, MsgFlags::empty()) {
                Ok(_) => return Ok(refused),
                Err(Errno::ENOBUFS) if began.elapsed() < DEADLINE => thread::yield_now(),
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("{} does not take {} bytes", self.interface, frame.len()));
                }
            }
        }
        Ok(0)
    }

    /// How many frames the interface has dropped in its life.
    fn dropped(&self) -> Result<u64> {
        let table = self.namespace.enter(|| fs::read_to_string("/proc/thread-self/net/dev"))??;
        let line =
            table.lines().find_map(|line| line.trim().strip_prefix(&self.interface)?.strip_prefix(':'));
        let numbers = line.with_context(|| format!("{} has no statistics", self.interface))?;
        // Eight columns of what was received, then: bytes, packets, errors, dropped.
        Ok(numbers.split_whitespace().nth(11).context("no column of dropped frames")?.parse()?)
    }
}

fn open(interface: &str) -> Result<OwnedFd> {
    // Of no protocol: it only sends.
    packet_socket(interface, 0)
}

/// A raw packet socket that is bound to `interface`, and gets every frame there of a protocol (in network byte order).
pub(crate) fn packet_socket(interface: &str, protocol: u16) -> Result<OwnedFd> {
    let socket = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None)
        .context("no packet socket")?;
    let index = if_nametoindex(interface).with_context(|| format!("no interface {interface}"))?;
    let address = libc::sockaddr_ll {
        sll_family: u16::try_from(libc::AF_PACKET)?,
        sll_protocol: protocol,
        sll_ifindex: i32::try_from(index)?,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    let length = u32::try_from(size_of_val(&address))?;
    // SAFETY: the pointer and the length are those of `address`, which is a whole sockaddr_ll.
    let address = unsafe { LinkAddr::from_raw((&raw const address).cast(), Some(length)) };
    bind(socket.as_raw_fd(), &address.context("no link address")?)
        .with_context(|| format!("cannot bind to {interface}"))?;
    Ok(socket)
}
