//! DHCP (RFC 2131): what a server acknowledges. The machine is the client's hardware address in the message, also when
//! a relay forwards it and the frame is the relay's.
//!
//! `DHCPv6` tells a DUID, which need not be made of the address of the interface that asks (RFC 8415, section 11), so
//! nothing is learned from it.

use std::net::{IpAddr, Ipv4Addr};

use super::Claim;
use crate::{alerts::mac::Mac, assets::machine::MacSource};

const UDP: u8 = 17;
/// Port of servers and relays.
const SERVER: [u8; 2] = [0, 67];
/// What options begin with.
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Option: the type of the message (RFC 2132, section 9.6).
const MESSAGE_TYPE: u8 = 53;
const ACK: [u8; 1] = [5];

/// The address that a server gave, and to whom.
pub(super) fn claim(packet: &[u8]) -> Option<Claim> {
    let message = from_server(packet)?;
    // A reply about Ethernet.
    let [2, 1, 6, ..] = message else { return None };
    let (header, options) = message.split_at_checked(240)?;
    if header[236..] != COOKIE || option(options, MESSAGE_TYPE)? != ACK {
        return None;
    }
    let [client, yours] = [12, 16].map(|at| header[at..].first_chunk::<4>().copied().map(Ipv4Addr::from));
    // Who only asked for more to know has an address already.
    let address = yours?;
    let address = if address.is_unspecified() { client? } else { address };
    let mac = Mac(*header[28..].first_chunk()?);
    Some(Claim { address: IpAddr::V4(address), mac, source: MacSource::Dhcp })
}

/// What a server's port sent, if the packet is whole.
fn from_server(packet: &[u8]) -> Option<&[u8]> {
    let header = 4 * usize::from(packet.first()? & 0x0f);
    let [more_and_offset, rest] = [*packet.get(6)?, *packet.get(7)?];
    let is_fragment = more_and_offset & 0x3f != 0 || rest != 0;
    let udp = packet.get(header.max(20)..)?;
    let from_server = packet[9] == UDP && !is_fragment && udp.get(..2)? == SERVER;
    from_server.then(|| udp.get(8..))?
}

/// The first option of this kind.
fn option(mut options: &[u8], wanted: u8) -> Option<&[u8]> {
    loop {
        options = match *options {
            [255, ..] | [] => return None,
            [0, ref rest @ ..] => rest,
            [kind, length, ref rest @ ..] => {
                let (value, rest) = rest.split_at_checked(usize::from(length))?;
                if kind == wanted {
                    return Some(value);
                }
                rest
            }
            [_] => return None,
        };
    }
}
