//! Every address in a text, in the order in which they stand.

use std::net::IpAddr;

use super::{
    ipv4, ipv6,
    mask::{CHUNK, Marks},
};

/// Whether bytes are an address depends on no more than so many bytes before its first and behind its last one.
/// `blocks` keeps as many where it has to cut a line.
pub const CONTEXT: usize = 128;

/// An address and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last one.
    pub end: usize,
    /// The address as it is written: an IPv4-mapped one is not turned into IPv4.
    pub addr: IpAddr,
}

/// Hands over each address of `text` by the rules of `docs/scan.md`; none overlaps another.
#[inline(always)]
pub fn find(text: &[u8], mut found: impl FnMut(Found)) {
    let mut done = 0;
    let mut base = 0;
    let (chunks, rest) = text.as_chunks::<CHUNK>();
    let mut last = [0; CHUNK];
    last[..rest.len()].copy_from_slice(rest);
    let all = chunks.iter().chain([&last]);
    let mut marks = Marks::default();
    // One chunk behind the text, so that each has a next one.
    for (number, chunk) in all.chain([&[0; CHUNK]]).enumerate() {
        let next = Marks::of(chunk);
        if number > 0 {
            let mut bits = marks.candidates(next);
            while bits != 0 {
                let at = base + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if at < done {
                    continue;
                }
                match address(text, at) {
                    Ok(address) => {
                        done = address.end;
                        found(address);
                    }
                    Err(on) => done = on,
                }
            }
            base += CHUNK;
        }
        marks = next;
    }
}

/// The address that has this mark in it, or where to look on.
#[inline(always)]
fn address(text: &[u8], at: usize) -> Result<Found, usize> {
    if text[at] == b'.' {
        let (start, end, addr) = ipv4::around(text, at).ok_or(at + 1)?;
        Ok(Found { start, end, addr: addr.into() })
    } else {
        let (start, end, addr) = ipv6::around(text, at)?;
        Ok(Found { start, end, addr: addr.into() })
    }
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
