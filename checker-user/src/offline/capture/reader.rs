//! A capture of either format.

use std::io::Read;

use super::{
    pcap::{self, Pcap},
    pcapng::{self, Pcapng},
    record::{Broken, Record},
    window::Window,
};

/// Gives the packets of a capture, one after the other.
pub struct Reader<R>(Format<R>);

enum Format<R> {
    Pcap(Pcap<R>),
    Pcapng(Pcapng<R>),
}

/// What captures begin with, also those of a form that is refused.
pub const MAGICS: [[u8; 4]; 7] = {
    let [a, b, c, d, e, f] = pcap::MAGICS;
    [a, b, c, d, e, f, pcapng::MAGIC]
};

impl<R: Read> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// When it is cut, or not one that is read here.
    pub fn new(reader: R) -> Result<Self, Broken> {
        let mut window = Window::new(reader);
        if !window.has(pcapng::MAGIC.len())? {
            return Err(Broken::Cut);
        }
        Ok(Self(if window.bytes().starts_with(&pcapng::MAGIC) {
            Format::Pcapng(Pcapng::new(window))
        } else {
            Format::Pcap(Pcap::new(window)?)
        }))
    }

    /// The next packet; `None` at the end.
    ///
    /// # Errors
    ///
    /// Why there is none; asking again is of no use then.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "a packet lives in the reader's memory")]
    pub fn next(&mut self) -> Result<Option<Record<'_>>, Broken> {
        match &mut self.0 {
            Format::Pcap(pcap) => pcap.next(),
            Format::Pcapng(pcapng) => pcapng.next(),
        }
    }
}
