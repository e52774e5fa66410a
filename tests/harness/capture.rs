//! Captures as files: pcap with microseconds, little-endian. tshark reads them too, in the tests that compare with it.

/// When the first packet was captured: 2023-11-14 22:13:20 UTC; each other one a millisecond later.
pub const BEGAN: u32 = 1_700_000_000;

/// Bytes of a packet that are kept.
const SNAPLEN: u32 = 256 << 10;

/// A capture of packets of a link type (<https://www.tcpdump.org/linktypes.html>): 1 is Ethernet.
///
/// # Panics
///
/// When a packet is longer than 4 GiB.
#[must_use]
pub fn pcap<P: AsRef<[u8]>>(link: u32, packets: impl IntoIterator<Item = P>) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0]);
    add(&mut file, &[0, 0, SNAPLEN, link]);
    for (number, packet) in (0..).zip(packets) {
        let packet = packet.as_ref();
        let length = u32::try_from(packet.len()).expect("a packet");
        add(&mut file, &[BEGAN + number / 1000, number % 1000 * 1000, length, length]);
        file.extend(packet);
    }
    file
}

fn add(file: &mut Vec<u8>, numbers: &[u32]) {
    file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}
