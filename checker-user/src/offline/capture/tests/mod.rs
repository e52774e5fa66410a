//! Captures made byte by byte, so that each field can be wrong.

mod pcap;
mod pcapng;
mod link;
mod bytes;

use super::{reader::Reader, record::Broken};

/// Numbers in one of the two byte orders.
#[derive(Clone, Copy, Debug)]
struct Order {
    big: bool,
}

const ORDERS: [Order; 2] = [Order { big: false }, Order { big: true }];

impl Order {
    fn two(self, number: u16) -> Vec<u8> {
        if self.big { number.to_be_bytes().into() } else { number.to_le_bytes().into() }
    }

    fn four(self, number: u32) -> Vec<u8> {
        if self.big { number.to_be_bytes().into() } else { number.to_le_bytes().into() }
    }

    fn fours(self, numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| self.four(*number)).collect()
    }

    /// A pcap file's header.
    fn pcap(self, magic: u32, link: u32) -> Vec<u8> {
        [self.four(magic), self.two(2), self.two(4), self.fours(&[0, 0, 65_535, link])].concat()
    }

    /// A packet of a pcap file.
    fn record(self, seconds: u32, fraction: u32, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap();
        [self.fours(&[seconds, fraction, length, length + 1000]), bytes.to_vec()].concat()
    }

    /// A pcapng block.
    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0);
        let length = u32::try_from(body.len() + 12).unwrap();
        [self.fours(&[kind, length]), body, self.four(length)].concat()
    }

    /// The header of a pcapng section, whose length is not told.
    fn section(self) -> Vec<u8> {
        self.block(0x0a0d_0d0a, &[self.four(0x1a2b_3c4d), self.two(1), self.two(0), vec![0xff; 8]].concat())
    }

    /// An interface with options.
    fn interface(self, link: u16, snaplen: u32, options: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = [self.two(link), self.two(0), self.four(snaplen)].concat();
        for (code, value) in options {
            body.extend(self.two(*code));
            body.extend(self.two(u16::try_from(value.len()).unwrap()));
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        self.block(1, &body)
    }

    /// A packet as it is written today.
    fn enhanced(self, interface: u32, ticks: u64, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap();
        let header = [interface, (ticks >> 32) as u32, ticks as u32, length, length + 1000];
        self.block(6, &[self.fours(&header), bytes.to_vec()].concat())
    }
}

/// A record with everything that it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    bytes: Vec<u8>,
    length: u32,
    link: u16,
    nanoseconds: u64,
    interface: Option<String>,
}

/// All records, and why there are no more.
fn read(input: impl std::io::Read) -> (Vec<Owned>, Option<Broken>) {
    let mut all = Vec::new();
    let mut reader = match Reader::new(input) {
        Ok(reader) => reader,
        Err(broken) => return (all, Some(broken)),
    };
    loop {
        match reader.next() {
            Ok(None) => return (all, None),
            Err(broken) => return (all, Some(broken)),
            Ok(Some(record)) => all.push(Owned {
                bytes: record.bytes.to_vec(),
                length: record.length,
                link: record.link,
                nanoseconds: record.nanoseconds(),
                interface: record.interface.map(str::to_owned),
            }),
        }
    }
}

/// The sentence about a file that is wrong.
fn wrong(file: &[u8]) -> String {
    match read(file) {
        (_, Some(Broken::Wrong(why))) => why,
        (records, broken) => panic!("{records:?} {broken:?}"),
    }
}
