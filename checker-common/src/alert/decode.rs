//! Bytes from the ring → record.

use super::{AlertRecord, EVIDENCE, FOLDED, INNER, LENGTH, OUTGOING};
use crate::{abi, candidate::Side, embedded::Via, packet::MAX_TAGS};

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// So many bytes, not [`LENGTH`].
    Length(usize),
    /// A record of this version, not [`abi::VERSION`].
    Version(u16),
    /// A family that is neither 4 nor 6, more tags than there can be, or a side, a carrier or a place that is none.
    Content,
}

impl AlertRecord {
    /// Reads a record from the ring.
    ///
    /// # Errors
    ///
    /// See [`Undecodable`]; the caller counts it, it is never fatal.
    pub fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        let wrong_length = Undecodable::Length(bytes.len());
        if let Some(&version) = bytes.first_chunk::<2>()
            && u16::from_be_bytes(version) != abi::VERSION
        {
            return Err(Undecodable::Version(u16::from_be_bytes(version)));
        }
        let bytes: &[u8; LENGTH] = bytes.try_into().map_err(|_| wrong_length)?;
        let mut rest = bytes.as_slice();
        let record = Self {
            version: take(&mut rest).ok_or(wrong_length)?,
            family: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            protocol: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            tag_count: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            has: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            action: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            side: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            via: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            place: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            matched_family: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            detail: take::<1>(&mut rest).ok_or(wrong_length)?[0],
            time: take(&mut rest).ok_or(wrong_length)?,
            generation: take(&mut rest).ok_or(wrong_length)?,
            class: take(&mut rest).ok_or(wrong_length)?,
            interface: take(&mut rest).ok_or(wrong_length)?,
            length: take(&mut rest).ok_or(wrong_length)?,
            tags: [
                take(&mut rest).ok_or(wrong_length)?,
                take(&mut rest).ok_or(wrong_length)?,
                take(&mut rest).ok_or(wrong_length)?,
                take(&mut rest).ok_or(wrong_length)?,
            ],
            ethernet_destination: take(&mut rest).ok_or(wrong_length)?,
            ethernet_source: take(&mut rest).ok_or(wrong_length)?,
            source_port: take(&mut rest).ok_or(wrong_length)?,
            destination_port: take(&mut rest).ok_or(wrong_length)?,
            source: take(&mut rest).ok_or(wrong_length)?,
            destination: take(&mut rest).ok_or(wrong_length)?,
            matched: take(&mut rest).ok_or(wrong_length)?,
        };
        let families = matches!((record.family, record.matched_family), (4 | 6, 4 | 6));
        let field = Side::from_value(record.side).zip(Via::from_value(record.via));
        let known_place = record.place & !(INNER | OUTGOING | FOLDED | EVIDENCE) == 0;
        if !families || field.is_none() || !known_place || usize::from(record.tag_count) > MAX_TAGS {
            return Err(Undecodable::Content);
        }
        Ok(record)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (&head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(head)
}
