//! Has an interface take packets that are for others, as long as this is held.
//!
//! By a packet socket, not by the interface's flag: the kernel counts the sockets that want it
//! (`packet_dev_mc`, `net/packet/af_packet.c`) and undoes it when this one closes, even if the daemon is killed.

use std::{
    io,
    os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd},
};

use anyhow::Context as _;

/// Switches it on for the interface with this index.
///
/// # Errors
///
/// What the kernel said; it takes `CAP_NET_RAW`.
pub fn promiscuous(name: &str, index: u32) -> anyhow::Result<OwnedFd> {
    switch_on(index).with_context(|| {
        format!("cannot have {name} take packets that are for others (it takes CAP_NET_RAW)")
    })
}

fn switch_on(index: u32) -> io::Result<OwnedFd> {
    // Protocol 0: the socket receives nothing.
    // SAFETY: no pointers.
    let socket = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
    if socket < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a fresh descriptor that nothing else owns.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    let request = libc::packet_mreq {
        mr_ifindex: i32::try_from(index).map_err(io::Error::other)?,
        mr_type: libc::PACKET_MR_PROMISC as libc::c_ushort,
        mr_alen: 0,
        mr_address: [0; 8],
    };
    // SAFETY: the option takes a `packet_mreq` of this size.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_ADD_MEMBERSHIP,
            (&raw const request).cast(),
            size_of::<libc::packet_mreq>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(socket) } else { Err(io::Error::last_os_error()) }
}
