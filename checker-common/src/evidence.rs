//! The head of a packet that is reported: what goes into the second ring, beside the alert record.

use crate::{
    abi,
    alert::{self, AlertRecord, Undecodable},
};

/// Most bytes of a packet that are taken.
pub const HEAD: usize = 512;

/// Bytes of a record.
pub const LENGTH: usize = alert::LENGTH + 8 + HEAD;

/// The packet that an alert record is about, as far as it was taken. Written where the ring has it, in parts: on the
/// kernel program's stack there is no room.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub struct EvidenceRecord {
    /// The alert record.
    pub record: AlertRecord,
    /// How many bytes of the head are the packet's.
    pub captured: [u8; 4],
    /// EtherType and content of the tag that the hardware will put in front of all others; zeros without one.
    pub tag: [u8; 4],
    /// The packet's first bytes. What stands behind them is from other packets.
    pub head: [u8; HEAD],
}

const _: () = assert!(size_of::<EvidenceRecord>() == LENGTH, "raise abi::VERSION when the layout changes");

/// A record of the second ring, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The alert record.
    pub record: AlertRecord,
    /// EtherType and content of a tag that is not in `head`.
    pub tag: Option<[u8; 4]>,
    /// The packet's first bytes.
    pub head: &'a [u8],
}

impl<'a> Evidence<'a> {
    /// Reads a record of the ring [`abi::EVIDENCE`].
    ///
    /// # Errors
    ///
    /// See [`Undecodable`]; the caller counts it, it is never fatal.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Undecodable> {
        if let Some(&version) = bytes.first_chunk::<2>()
            && u16::from_be_bytes(version) != abi::VERSION
        {
            return Err(Undecodable::Version(u16::from_be_bytes(version)));
        }
        let wrong_length = Undecodable::Length(bytes.len());
        if bytes.len() != LENGTH {
            return Err(wrong_length);
        }
        let (record, rest) = bytes.split_at(alert::LENGTH);
        let (&captured, rest) = rest.split_first_chunk::<4>().ok_or(wrong_length)?;
        let (&tag, head) = rest.split_first_chunk::<4>().ok_or(wrong_length)?;
        let captured = usize::try_from(u32::from_be_bytes(captured)).map_err(|_| Undecodable::Content)?;
        let head = head.get(..captured).ok_or(Undecodable::Content)?;
        Ok(Self { record: AlertRecord::decode(record)?, tag: (tag != [0; 4]).then_some(tag), head })
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn bytes(captured: u32, tag: [u8; 4]) -> Vec<u8> {
        let mut bytes = std::vec![0; LENGTH];
        bytes[..2].copy_from_slice(&abi::VERSION.to_be_bytes());
        // Both families.
        (bytes[2], bytes[10]) = (4, 4);
        bytes[alert::LENGTH..][..4].copy_from_slice(&captured.to_be_bytes());
        bytes[alert::LENGTH + 4..][..4].copy_from_slice(&tag);
        bytes[alert::LENGTH + 8..].fill(7);
        bytes
    }

    #[test]
    fn a_record_reads_back_and_has_no_byte_of_another_packet() {
        let bytes = bytes(60, [0x81, 0, 0, 100]);
        let evidence = Evidence::decode(&bytes).expect("a whole record");
        assert_eq!((evidence.head, evidence.tag), ([7; 60].as_slice(), Some([0x81, 0, 0, 100])));
    }

    #[test]
    fn short_newer_and_senseless_bytes_are_refused() {
        let good = bytes(512, [0; 4]);
        assert!(Evidence::decode(&good).is_ok_and(|evidence| evidence.tag.is_none()));
        assert_eq!(Evidence::decode(&good[..99]).err(), Some(Undecodable::Length(99)));
        assert_eq!(Evidence::decode(&bytes(513, [0; 4])).err(), Some(Undecodable::Content));
        assert_eq!(Evidence::decode(&bytes(u32::MAX, [0; 4])).err(), Some(Undecodable::Content));
        let mut newer = good;
        newer[1] += 1;
        assert_eq!(Evidence::decode(&newer).err(), Some(Undecodable::Version(abi::VERSION + 1)));
    }
}
