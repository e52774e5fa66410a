//! Frames, byte by byte.

use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};
use proptest::prelude::*;

use super::{frame::claim, *};

const CLIENT: [u8; 6] = [0x3c, 0xec, 0xef, 1, 2, 3];
const RELAY: [u8; 6] = [0x02, 0, 0, 0, 0, 9];

fn frame(tag: Option<u16>, ether_type: u16, packet: &[u8]) -> Vec<u8> {
    let tag = tag.map(|tag| [[0x81, 0x00], tag.to_be_bytes()].concat()).unwrap_or_default();
    [[0xff; 6].as_slice(), &RELAY, &tag, &ether_type.to_be_bytes(), packet].concat()
}

fn arp(operation: u8, address: [u8; 4]) -> Vec<u8> {
    [[0, 1, 8, 0, 6, 4, 0, operation].as_slice(), &CLIENT, &address, &[0; 6], &[192, 0, 2, 1]].concat()
}

fn ipv4(protocol: u8, fragment: u16, content: &[u8]) -> Vec<u8> {
    let length = (20 + content.len() as u16).to_be_bytes();
    let mut header = vec![0x45, 0, length[0], length[1], 0, 0];
    header.extend(fragment.to_be_bytes());
    header.extend([64, protocol, 0, 0, 192, 0, 2, 1, 255, 255, 255, 255]);
    [header, content.to_vec()].concat()
}

fn udp(source: u16, destination: u16, content: &[u8]) -> Vec<u8> {
    let length = 8 + content.len() as u16;
    let header = [source, destination, length, 0].map(u16::to_be_bytes).concat();
    [header, content.to_vec()].concat()
}

/// A server's answer, forwarded by a relay.
fn dhcp(kind: u8, client: [u8; 4], yours: [u8; 4]) -> Vec<u8> {
    let mut message = vec![2, 1, 6, 1, 1, 2, 3, 4, 0, 0, 0, 0];
    message.extend([client, yours, [0; 4], [10, 0, 0, 1]].concat());
    message.extend(CLIENT);
    message.resize(236, 0);
    message.extend([99, 130, 83, 99, 0, 12, 2, b'h', b'i', 53, 1, kind, 255]);
    message
}

fn dhcp_frame(tag: Option<u16>, kind: u8) -> Vec<u8> {
    frame(tag, 0x0800, &ipv4(17, 0, &udp(67, 68, &dhcp(kind, [0; 4], [192, 0, 2, 7]))))
}

fn ipv6(hops: u8, source: [u8; 16], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16).to_be_bytes();
    [[0x60, 0, 0, 0, length[0], length[1], 58, hops].as_slice(), &source, &[0xff; 16], content].concat()
}

const ONE: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const TWO: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

/// With a nonce (RFC 3971) before the option that matters.
fn neighbour(kind: u8, option: u8) -> Vec<u8> {
    let nonce = [14, 1, 0, 0, 0, 0, 0, 0];
    [[kind, 0, 0, 0, 0, 0, 0, 0].as_slice(), &TWO, &nonce, &[option, 1], &CLIENT].concat()
}

fn learned(frame: &[u8]) -> Option<(String, MacSource)> {
    claim(frame).map(|claim| {
        assert_eq!(claim.mac, Mac(CLIENT));
        (claim.address.to_string(), claim.source)
    })
}

fn is(address: &str, source: MacSource) -> Option<(String, MacSource)> {
    Some((address.to_owned(), source))
}

#[test]
fn arp_tells_its_sender_and_a_probe_tells_nothing() {
    for tag in [None, Some(100)] {
        for operation in [1, 2] {
            assert_eq!(
                learned(&frame(tag, 0x0806, &arp(operation, [192, 0, 2, 7]))),
                is("192.0.2.7", MacSource::Arp)
            );
        }
    }
    assert_eq!(learned(&frame(None, 0x0806, &arp(1, [0; 4]))), None);
    assert_eq!(learned(&frame(None, 0x0806, &arp(8, [192, 0, 2, 7]))), None, "not a request or an answer");
}

#[test]
fn dhcp_tells_the_client_also_behind_a_relay() {
    for tag in [None, Some(100)] {
        assert_eq!(learned(&dhcp_frame(tag, 5)), is("192.0.2.7", MacSource::Dhcp));
    }
    assert_eq!(learned(&dhcp_frame(None, 2)), None, "an offer is not taken yet");
    let inform = ipv4(17, 0, &udp(67, 68, &dhcp(5, [192, 0, 2, 8], [0; 4])));
    assert_eq!(learned(&frame(None, 0x0800, &inform)), is("192.0.2.8", MacSource::Dhcp));
    for packet in [
        ipv4(17, 1, &udp(67, 68, &dhcp(5, [0; 4], [192, 0, 2, 7]))),
        ipv4(17, 0, &udp(68, 67, &dhcp(5, [0; 4], [192, 0, 2, 7]))),
        ipv4(6, 0, &udp(67, 68, &dhcp(5, [0; 4], [192, 0, 2, 7]))),
    ] {
        assert_eq!(learned(&frame(None, 0x0800, &packet)), None);
    }
}

#[test]
fn neighbour_discovery_tells_who_asks_and_who_has_the_address() {
    let packet =
        |hops, source, kind, option| frame(Some(7), 0x86dd, &ipv6(hops, source, &neighbour(kind, option)));
    assert_eq!(learned(&packet(255, ONE, 135, 1)), is("2001:db8::1", MacSource::Nd));
    assert_eq!(learned(&packet(255, ONE, 136, 2)), is("2001:db8::2", MacSource::Nd));
    assert_eq!(learned(&packet(64, ONE, 136, 2)), None, "from behind a router");
    assert_eq!(learned(&packet(255, [0; 16], 135, 1)), None, "who has no address yet");
    assert_eq!(learned(&packet(255, ONE, 135, 2)), None, "an option that has no place there");
}

/// A socket that the filter is attached to takes what it lets through; a unix socket runs one too.
fn taken(frames: &[Vec<u8>]) -> Vec<bool> {
    let flags = SockFlag::SOCK_NONBLOCK;
    let (near, far): (OwnedFd, OwnedFd) =
        socketpair(AddressFamily::Unix, SockType::Datagram, None, flags).unwrap();
    socket::attach_filter(&far).unwrap();
    let take = |frame: &Vec<u8>| {
        send(near.as_raw_fd(), frame, MsgFlags::empty()).unwrap();
        recv(far.as_raw_fd(), &mut [0; 2048], MsgFlags::empty()).is_ok()
    };
    frames.iter().map(take).collect()
}

#[test]
fn the_kernel_lets_through_what_tells_something_and_nothing_else() {
    let neighbour = |kind| ipv6(255, ONE, &neighbour(kind, 1));
    let frames = |tag| {
        vec![
            frame(tag, 0x0806, &arp(1, [192, 0, 2, 7])),
            dhcp_frame(tag, 5),
            frame(tag, 0x0800, &ipv4(17, 0, &udp(67, 67, b"x"))),
            frame(tag, 0x86dd, &neighbour(135)),
            frame(tag, 0x86dd, &neighbour(136)),
            // And what does not.
            frame(tag, 0x86dd, &neighbour(134)),
            frame(tag, 0x86dd, &neighbour(137)),
            frame(tag, 0x86dd, &[&neighbour(135)[..6], &[17], &neighbour(135)[7..]].concat()),
            frame(tag, 0x0800, &ipv4(17, 0, &udp(67, 53, b"x"))),
            frame(tag, 0x0800, &ipv4(17, 9, &udp(67, 68, b"x"))),
            frame(tag, 0x0800, &ipv4(6, 0, &udp(67, 68, b"x"))),
            frame(tag, 0x88cc, &[0; 60]),
            frame(tag, 0x0800, &[0x45]),
        ]
    };
    let expected = [[true; 5].as_slice(), &[false; 8]].concat();
    assert_eq!(taken(&frames(None)), expected);
    assert_eq!(taken(&frames(Some(100))), expected);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = claim(&bytes);
        for ether_type in [0x0800, 0x0806, 0x86dd] {
            let _ = claim(&frame(None, ether_type, &bytes));
            let _ = claim(&frame(Some(1), ether_type, &ipv4(17, 0, &udp(67, 68, &bytes))));
            let _ = claim(&frame(None, 0x86dd, &ipv6(255, ONE, &bytes)));
        }
    }

    #[test]
    fn a_frame_cut_short_or_changed_does_not_panic(cut in 0..400usize, at in 0..300usize, byte in any::<u8>()) {
        for mut whole in [dhcp_frame(Some(1), 5), frame(None, 0x86dd, &ipv6(255, ONE, &neighbour(136, 2)))] {
            let length = whole.len();
            whole[at % length] = byte;
            let _ = claim(&whole);
            let _ = claim(&whole[..cut.min(length)]);
        }
    }
}
