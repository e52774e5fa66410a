//! pcapng (draft-ietf-opsawg-pcapng): blocks, each with its type, its length in front and behind, and in sections
//! whose numbers are in the byte order of the machine that wrote them. Interfaces are described before their packets.

use std::io::Read;

use super::{
    pcap::{self, number, too_long},
    record::{Broken, Clock, Record},
    window::{MOST, Window},
};

/// Block types.
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
/// Obsolete since 2009, and still written by some.
const PACKET: u32 = 2;
const SIMPLE: u32 = 3;
const ENHANCED: u32 = 6;

/// The number that tells a section's byte order, as the writer meant it.
const BYTE_ORDER: u32 = 0x1a2b_3c4d;

/// Type and length in front of a block, length behind it.
const AROUND: usize = 12;

/// Most interfaces of a section; it keeps a file of nothing else from filling the memory.
const INTERFACES: usize = 1 << 16;
/// Most bytes of an interface's name that are kept.
const NAME: usize = 255;

/// A capture in this format.
pub(super) struct Pcapng<R> {
    window: Window<R>,
    big_endian: bool,
    interfaces: Vec<Interface>,
}

/// An interface of the current section.
struct Interface {
    link: u16,
    /// Most bytes of its packets that were kept; 0 for all.
    snaplen: u32,
    clock: Clock,
    name: Option<String>,
}

/// What such a file begins with.
pub(super) const MAGIC: [u8; 4] = SECTION.to_be_bytes();

/// Where in a block of memory a packet stands, and what the block says of it.
struct Place {
    interface: usize,
    ticks: u64,
    offset: usize,
    captured: u32,
    length: u32,
}

impl<R: Read> Pcapng<R> {
    pub(super) const fn new(window: Window<R>) -> Self {
        Self { window, big_endian: false, interfaces: Vec::new() }
    }

    /// The next packet.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, Broken> {
        loop {
            let Some((kind, length)) = self.block()? else { return Ok(None) };
            let place = match kind {
                PACKET | SIMPLE | ENHANCED => self.packet(kind, length)?,
                INTERFACE => {
                    self.interface(length)?;
                    continue;
                }
                _ => {
                    self.pass(length)?;
                    continue;
                }
            };
            let Some(interface) = self.interfaces.get(place.interface) else {
                return Err(Broken::Wrong(format!(
                    "a packet is of interface {}, which is not described",
                    place.interface
                )));
            };
            let block = self.window.take(length);
            return Ok(Some(Record {
                bytes: block.get(place.offset..place.offset + place.captured as usize).unwrap_or_default(),
                length: place.length,
                link: interface.link,
                ticks: place.ticks,
                clock: interface.clock,
                interface: interface.name.as_deref(),
            }));
        }
    }

    /// Type and length of the block that begins here. A section's header sets the byte order first.
    #[inline]
    fn block(&mut self) -> Result<Option<(u32, usize)>, Broken> {
        if !self.window.has(AROUND)? {
            return if self.window.bytes().is_empty() { Ok(None) } else { Err(Broken::Cut) };
        }
        let header = self.window.bytes();
        // The same in both orders.
        if number(header, 0, false) == SECTION {
            self.big_endian = match number(header, 8, true) {
                BYTE_ORDER => true,
                other if other.swap_bytes() == BYTE_ORDER => false,
                other => {
                    return Err(Broken::Wrong(format!("no pcapng section has the byte order {other:08x}")));
                }
            };
            self.section()?;
        }
        let header = self.window.bytes();
        let (kind, length) = (number(header, 0, self.big_endian), number(header, 4, self.big_endian));
        let length = length as usize;
        if length < AROUND || !length.is_multiple_of(4) {
            return Err(Broken::Wrong(format!("a pcapng block is said to have {length} bytes")));
        }
        Ok(Some((kind, length)))
    }

    /// Begins the section whose header stands here.
    fn section(&mut self) -> Result<(), Broken> {
        if !self.window.has(28)? {
            return Err(Broken::Cut);
        }
        let header = self.window.bytes();
        let major = half(header, 12, self.big_endian);
        if major != 1 {
            return Err(Broken::Wrong(format!("pcapng version {major}, only 1 is known")));
        }
        self.interfaces.clear();
        Ok(())
    }

    /// Passes a block that holds nothing of use, however long it is.
    fn pass(&mut self, length: usize) -> Result<(), Broken> {
        let there = self.window.skip(length as u64 - 4)? && self.window.has(4)?;
        if !there {
            return Err(Broken::Cut);
        }
        let behind = number(self.window.take(4), 0, self.big_endian);
        same(length, behind)
    }

    /// Has all of a block in memory that is `least` bytes long at least.
    #[inline]
    fn whole(&mut self, length: usize, least: usize) -> Result<(), Broken> {
        if length < least || length > MOST {
            return Err(Broken::Wrong(format!("a pcapng block is said to have {length} bytes")));
        }
        if !self.window.has(length)? {
            return Err(Broken::Cut);
        }
        same(length, number(self.window.bytes(), length - 4, self.big_endian))
    }

    /// Notes the interface that the block describes.
    fn interface(&mut self, length: usize) -> Result<(), Broken> {
        self.whole(length, AROUND + 8)?;
        if self.interfaces.len() >= INTERFACES {
            return Err(Broken::Wrong(format!("a pcapng section has more than {INTERFACES} interfaces")));
        }
        let block = self.window.take(length);
        let mut interface = Interface {
            link: half(block, 8, self.big_endian),
            snaplen: number(block, 12, self.big_endian),
            clock: Clock::MICROSECONDS,
            name: None,
        };
        let mut options = block.get(16..length - 4).unwrap_or_default();
        while let Some((header, rest)) = options.split_first_chunk::<4>() {
            let code = half(header, 0, self.big_endian);
            let size = usize::from(half(header, 2, self.big_endian));
            let Some(value) = rest.get(..size) else { break };
            interface.option(code, value, self.big_endian);
            options = rest.get(size.next_multiple_of(4)..).unwrap_or_default();
        }
        self.interfaces.push(interface);
        Ok(())
    }

    /// Finds the packet in the block.
    #[inline]
    fn packet(&mut self, kind: u32, length: usize) -> Result<Place, Broken> {
        self.whole(length, AROUND + if kind == SIMPLE { 4 } else { 20 })?;
        let block = self.window.bytes();
        let at = |offset| number(block, offset, self.big_endian);
        if kind == SIMPLE {
            // How much was kept is told by the interface, and by the room that there is.
            let snaplen = self.interfaces.first().map(|interface| interface.snaplen).filter(|most| *most > 0);
            let captured = at(8).min((length - AROUND - 4) as u32).min(snaplen.unwrap_or(u32::MAX));
            return Ok(Place { interface: 0, ticks: 0, offset: 12, captured, length: at(8) });
        }
        let interface = if kind == PACKET { u32::from(half(block, 8, self.big_endian)) } else { at(8) };
        let (captured, whole) = (at(20), at(24));
        if captured > pcap::MOST {
            return Err(Broken::Wrong(too_long(captured)));
        }
        if captured as usize > length - AROUND - 20 {
            return Err(Broken::Wrong(format!(
                "a packet of {captured} bytes is said to stand in a block of {length}"
            )));
        }
        let ticks = u64::from(at(12)) << 32 | u64::from(at(16));
        Ok(Place { interface: interface as usize, ticks, offset: 28, captured, length: whole })
    }
}

impl Interface {
    /// Takes note of an option: `if_name`, `if_tsresol`, `if_tsoffset`.
    fn option(&mut self, code: u16, value: &[u8], big_endian: bool) {
        match (code, value) {
            (2, name) => {
                let name = String::from_utf8_lossy(&name[..name.len().min(NAME)]);
                self.name = Some(name.trim_end_matches('\0').to_owned()).filter(|name| !name.is_empty());
            }
            // The first bit chooses between powers of two and of ten; what no number holds is as good as no time.
            (9, [resolution, ..]) => {
                let power = u32::from(resolution & 0x7f);
                let per_second = if resolution & 0x80 == 0 {
                    10_u128.checked_pow(power)
                } else {
                    1_u128.checked_shl(power)
                };
                self.clock.per_second = per_second.unwrap_or(u128::MAX);
            }
            (14, [a, b, c, d, e, f, g, h, ..]) => {
                let bytes = [*a, *b, *c, *d, *e, *f, *g, *h];
                self.clock.offset =
                    if big_endian { i64::from_be_bytes(bytes) } else { i64::from_le_bytes(bytes) };
            }
            _ => {}
        }
    }
}

/// The lengths in front of a block and behind it.
#[inline]
fn same(front: usize, behind: u32) -> Result<(), Broken> {
    if front == behind as usize {
        return Ok(());
    }
    Err(Broken::Wrong(format!("a pcapng block is said to have {front} bytes in front and {behind} behind")))
}

/// The two bytes at `offset` of a header that has them.
#[inline]
fn half(header: &[u8], offset: usize, big_endian: bool) -> u16 {
    let bytes = header.get(offset..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
    if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
}
