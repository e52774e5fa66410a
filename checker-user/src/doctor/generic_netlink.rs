//! One question to a family of generic netlink, and the attributes of the answer.
//!
//! Own code over the socket of rtnetlink: the crate that knows ethtool's messages (ethtool 0.2) brings a second, older set
//! of netlink crates, and none knows those of `netdev`.

use std::{collections::HashMap, io};

use rtnetlink::{
    packet_core::NlasIterator,
    sys::{Socket, SocketAddr, protocols::NETLINK_GENERIC},
};

/// `NLM_F_REQUEST`, `uapi/linux/netlink.h`.
const REQUEST: u16 = 1;
/// `NLA_F_NESTED`.
const NESTED: u16 = 1 << 15;
/// `GENL_ID_CTRL`, `CTRL_CMD_GETFAMILY` and its attributes, `uapi/linux/genetlink.h`.
const CONTROL: u16 = 16;
const GET_FAMILY: u8 = 3;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;

/// `struct nlmsghdr` and `struct genlmsghdr`.
const HEADERS: usize = 20;

/// Attributes by their number; of several with one number, the last.
pub(super) type Attributes = HashMap<u16, Vec<u8>>;

/// Asks `family` to carry out `command`; `attributes` as [`attribute`] and [`nest`] make them.
///
/// # Errors
///
/// What the kernel answered: it has no such family, or no answer.
pub(super) fn ask(family: &str, command: u8, attributes: &[u8]) -> io::Result<Attributes> {
    let mut socket = Socket::new(NETLINK_GENERIC)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    let name = [family.as_bytes(), &[0]].concat();
    let found = exchange(&socket, CONTROL, GET_FAMILY, &attribute(FAMILY_NAME, &name))?;
    let id = found.get(&FAMILY_ID).and_then(|id| Some(u16::from_ne_bytes(id.get(..2)?.try_into().ok()?)));
    exchange(&socket, id.ok_or(io::ErrorKind::NotFound)?, command, attributes)
}

/// An attribute with its header, padded to four bytes.
pub(super) fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = (4 + value.len()) as u16;
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// An attribute that holds others.
pub(super) fn nest(kind: u16, inner: &[u8]) -> Vec<u8> {
    attribute(kind | NESTED, inner)
}

/// The attributes in `bytes`, in their order; ends where they make no sense.
pub(super) fn each(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    NlasIterator::new(bytes).map_while(Result::ok).map(|found| {
        let length = found.value_length();
        (found.kind(), found.into_inner().get(4..4 + length).unwrap_or_default())
    })
}

fn exchange(socket: &Socket, family: u16, command: u8, attributes: &[u8]) -> io::Result<Attributes> {
    let length = (HEADERS + attributes.len()) as u32;
    let mut message = length.to_ne_bytes().to_vec();
    message.extend([family.to_ne_bytes(), REQUEST.to_ne_bytes()].concat());
    // Sequence number and port: the kernel answers to the socket that asked.
    message.extend([0; 8]);
    message.extend([command, 1, 0, 0]);
    message.extend(attributes);
    socket.send(&message, 0)?;
    let (answer, _) = socket.recv_from_full()?;
    let word = |at: usize| answer.get(at..at + 4)?.try_into().ok();
    let kind = answer.get(4..6).map(|kind| u16::from_ne_bytes([kind[0], kind[1]]));
    if kind != Some(family) {
        // `NLMSG_ERROR`: a negative errno.
        let error = word(16).map_or(libc::EPROTO, |word| i32::from_ne_bytes(word).saturating_neg());
        return Err(io::Error::from_raw_os_error(error));
    }
    let end = word(0).map_or(0, u32::from_ne_bytes) as usize;
    let attributes = answer.get(HEADERS..end).unwrap_or_default();
    Ok(each(attributes).map(|(kind, value)| (kind, value.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_they_were_written() {
        let bytes = [attribute(2, b"abc\0"), nest(3, &attribute(1, &[7]))].concat();
        let read: Vec<_> = each(&bytes).collect();
        assert_eq!(read[0], (2, &b"abc\0"[..]));
        assert_eq!(read[1].0, 3);
        assert_eq!(each(read[1].1).collect::<Vec<_>>(), [(1, &[7][..])]);
        assert_eq!(each(&bytes[..9]).count(), 1);
    }

    #[test]
    fn a_family_that_is_not_there_is_an_error() {
        assert!(ask("no-such-family", 1, &[]).is_err());
    }
}
