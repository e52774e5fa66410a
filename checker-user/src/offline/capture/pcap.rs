//! pcap (draft-ietf-opsawg-pcap): a header of 24 bytes, then records of 16 bytes each in front of their packet. All
//! numbers in the byte order of the machine that wrote it, which the magic number tells.

use std::io::Read;

use super::{
    record::{Broken, Clock, Record},
    window::Window,
};

/// Bytes of the file's header.
const HEADER: usize = 24;
/// Bytes of a record's header.
const RECORD: usize = 16;

/// Most bytes of a packet: `MAXIMUM_SNAPLEN` of libpcap (pcap-int.h).
pub(super) const MOST: u32 = 256 << 10;

/// Magic numbers as the writer meant them: microseconds, nanoseconds.
const MICROSECONDS: u32 = 0xa1b2_c3d4;
const NANOSECONDS: u32 = 0xa1b2_3c4d;
/// Records with eight more bytes, as a patch to libpcap wrote them in the nineties.
const MODIFIED: u32 = 0xa1b2_cd34;

/// A capture in this format.
pub(super) struct Pcap<R> {
    window: Window<R>,
    big_endian: bool,
    clock: Clock,
    link: u16,
}

/// What such a file begins with, also one of the form that is refused.
pub(super) const MAGICS: [[u8; 4]; 6] = [
    MICROSECONDS.to_le_bytes(),
    MICROSECONDS.to_be_bytes(),
    NANOSECONDS.to_le_bytes(),
    NANOSECONDS.to_be_bytes(),
    MODIFIED.to_le_bytes(),
    MODIFIED.to_be_bytes(),
];

const fn is_known(magic: u32) -> bool {
    matches!(magic, MICROSECONDS | NANOSECONDS | MODIFIED)
}

impl<R: Read> Pcap<R> {
    pub(super) fn new(mut window: Window<R>) -> Result<Self, Broken> {
        if !window.has(HEADER)? {
            return Err(Broken::Cut);
        }
        let header = window.take(HEADER);
        let big_endian = is_known(number(header, 0, true));
        let clock = match number(header, 0, big_endian) {
            MICROSECONDS => Clock::MICROSECONDS,
            NANOSECONDS => Clock::NANOSECONDS,
            MODIFIED => {
                return Err(Broken::Wrong("pcap of the modified form (magic a1b2cd34) is not read".into()));
            }
            other => return Err(Broken::Wrong(format!("no pcap file begins with {other:08x}"))),
        };
        let [high, low] = [header[4], header[5]];
        let major = u16::from_le_bytes(if big_endian { [low, high] } else { [high, low] });
        if major != 2 {
            return Err(Broken::Wrong(format!("pcap version {major}, only 2 is known")));
        }
        // The upper half tells of checksums behind the frames, which no header is.
        let link = number(header, 20, big_endian) as u16;
        Ok(Self { window, big_endian, clock, link })
    }

    /// The next packet.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, Broken> {
        if !self.window.has(RECORD)? {
            return if self.window.bytes().is_empty() { Ok(None) } else { Err(Broken::Cut) };
        }
        let header = self.window.bytes();
        let at = |offset| number(header, offset, self.big_endian);
        let (seconds, fraction, captured, length) = (at(0), at(4), at(8), at(12));
        if captured > MOST {
            return Err(Broken::Wrong(too_long(captured)));
        }
        let whole = RECORD + captured as usize;
        if !self.window.has(whole)? {
            return Err(Broken::Cut);
        }
        // Below 2^32 · 10^9 + 2^32.
        let ticks = u64::from(seconds) * self.clock.per_second as u64 + u64::from(fraction);
        let bytes = &self.window.take(whole)[RECORD..];
        Ok(Some(Record { bytes, length, link: self.link, ticks, clock: self.clock, interface: None }))
    }
}

/// What is said of a packet that cannot be one.
pub(super) fn too_long(length: u32) -> String {
    format!("a packet is said to have {length} bytes, more than {MOST}")
}

/// The four bytes at `offset` of a header that has them.
#[inline]
pub(super) fn number(header: &[u8], offset: usize, big_endian: bool) -> u32 {
    let bytes = header.get(offset..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
    if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}
