//! The three blocks of a pcapng file that are written here: <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html>.
//! Own code, for three kinds of blocks: pcap-file, the crate that writes pcapng, has `epb_packetid` as an unknown option only.

use checker_common::evidence::HEAD;

/// Everything in the file is little-endian.
const BYTE_ORDER: u32 = 0x1a2b_3c4d;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const ENHANCED_PACKET: u32 = 6;

/// `LINKTYPE_ETHERNET`: checker watches no other interfaces.
const ETHERNET: u16 = 1;

/// One packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    /// Number of its interface in this file.
    pub(super) interface: u32,
    /// Nanoseconds since 1970.
    pub(super) time: u64,
    /// What was kept of it.
    pub(super) bytes: &'a [u8],
    /// How long it was.
    pub(super) length: u32,
    /// Whether the interface sent it.
    pub(super) outgoing: bool,
    /// The same in the alert.
    pub(super) id: u64,
    /// For people.
    pub(super) comment: &'a str,
}

/// The block that a file begins with.
pub(super) fn section(to: &mut Vec<u8>) {
    block(to, SECTION_HEADER, |body| {
        body.extend(BYTE_ORDER.to_le_bytes());
        // Version 1.0, and a section of unknown length.
        body.extend([1, 0, 0, 0]);
        body.extend(u64::MAX.to_le_bytes());
        option(body, 4, concat!("checker ", env!("CARGO_PKG_VERSION")).as_bytes());
        end_of_options(body);
    });
}

/// An interface; the first one of a file is number 0.
pub(super) fn interface(to: &mut Vec<u8>, name: &str) {
    block(to, INTERFACE, |body| {
        body.extend(ETHERNET.to_le_bytes());
        body.extend([0; 2]);
        body.extend((HEAD as u32).to_le_bytes());
        option(body, 2, name.as_bytes());
        // Times are in nanoseconds.
        option(body, 9, &[9]);
        end_of_options(body);
    });
}

/// A packet.
pub(super) fn packet(to: &mut Vec<u8>, packet: &Packet<'_>) {
    block(to, ENHANCED_PACKET, |body| {
        body.extend(packet.interface.to_le_bytes());
        // The high half first, whatever the byte order.
        body.extend(((packet.time >> 32) as u32).to_le_bytes());
        body.extend((packet.time as u32).to_le_bytes());
        body.extend((packet.bytes.len() as u32).to_le_bytes());
        body.extend(packet.length.to_le_bytes());
        body.extend(packet.bytes);
        pad(body);
        option(body, 1, packet.comment.as_bytes());
        let direction: u32 = if packet.outgoing { 2 } else { 1 };
        option(body, 2, &direction.to_le_bytes());
        option(body, 5, &packet.id.to_le_bytes());
        end_of_options(body);
    });
}

fn block(to: &mut Vec<u8>, kind: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = to.len();
    to.extend(kind.to_le_bytes());
    to.extend([0; 4]);
    fill(to);
    let length = (to.len() + 4 - start) as u32;
    to.extend(length.to_le_bytes());
    to[start + 4..start + 8].copy_from_slice(&length.to_le_bytes());
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    // Names and sentences of ours are shorter; a cut would have to look at characters.
    let Ok(length) = u16::try_from(value.len()) else { return };
    body.extend(code.to_le_bytes());
    body.extend(length.to_le_bytes());
    body.extend(value);
    pad(body);
}

fn end_of_options(body: &mut Vec<u8>) {
    body.extend([0; 4]);
}

/// All of a block is in words of 32 bits, and it begins at one.
fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_as_the_draft_draws_them() {
        let mut bytes = Vec::new();
        interface(&mut bytes, "eth1");
        let expected = [
            [1, 0, 0, 0],
            [44, 0, 0, 0],
            [1, 0, 0, 0],
            [0, 2, 0, 0],
            [2, 0, 4, 0],
            *b"eth1",
            [9, 0, 1, 0],
            [9, 0, 0, 0],
            [0; 4],
            [44, 0, 0, 0],
        ];
        // 10 words, of which the length says all.
        let mut expected = expected.concat();
        (expected[4], expected[36]) = (40, 40);
        assert_eq!(bytes, expected);

        bytes.clear();
        let one = Packet {
            interface: 0,
            time: 0x0102_0304_0506_0708,
            bytes: &[0xaa; 5],
            length: 1500,
            outgoing: true,
            id: 77,
            comment: "c",
        };
        packet(&mut bytes, &one);
        let expected = [
            [6, 0, 0, 0],
            [76, 0, 0, 0],
            [0; 4],
            [4, 3, 2, 1],
            [8, 7, 6, 5],
            [5, 0, 0, 0],
            [0xdc, 5, 0, 0],
            [0xaa; 4],
            [0xaa, 0, 0, 0],
            [1, 0, 1, 0],
            [b'c', 0, 0, 0],
            [2, 0, 4, 0],
            [2, 0, 0, 0],
            [5, 0, 8, 0],
            [77, 0, 0, 0],
            [0; 4],
            [0; 4],
            [76, 0, 0, 0],
        ];
        let mut expected = expected.concat();
        let length = expected.len() as u8;
        let end = expected.len() - 4;
        (expected[4], expected[end]) = (length, length);
        assert_eq!(bytes, expected);
    }
}
