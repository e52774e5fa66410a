//! Where in a text an address could be: the marks of 64 bytes at a time, as bits of a word.
//!
//! Every IPv4 address has three dots that stand two to four bytes apart. Every IPv6 address has two colons side by
//! side, or six that stand two to five bytes apart. A few shifts find such places among the marks of a chunk, and
//! rule out nearly every other dot and colon of a log: those of versions, names and times of day.

use wide::u8x64;

/// Bytes of a chunk.
pub const CHUNK: usize = 64;

/// The dots and colons of one chunk; bit 0 is its first byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    dots: u64,
    colons: u64,
}

impl Marks {
    /// The marks of a chunk.
    #[must_use]
    #[inline(always)]
    pub fn of(chunk: &[u8; CHUNK]) -> Self {
        let bytes = u8x64::new(*chunk);
        let bits = |mark: u8| bytes.simd_eq(u8x64::splat(mark)).to_bitmask();
        Self { dots: bits(b'.'), colons: bits(b':') }
    }

    /// Marks at which an address may begin, as bits: the first dot of an IPv4 address, and a colon of an IPv6
    /// address that stands before its dots. `next` are the marks of the chunk that follows.
    #[must_use]
    #[inline(always)]
    pub const fn candidates(self, next: Self) -> u64 {
        let dots = self.dots as u128 | (next.dots as u128) << 64;
        let third = dots & near(dots, 4);
        let dotted = third & near(third, 4);
        let colons = self.colons as u128 | (next.colons as u128) << 64;
        let pair = colons & colons >> 1;
        // Three colons are a time of day behind a date; four are rare enough to be looked at.
        let third = colons & near(colons, 5);
        let third = third & near(third, 5);
        (dotted | pair | third & near(third, 5)) as u64
    }
}

/// Bits that have a bit of `marks` two to `most` places behind them.
#[inline(always)]
const fn near(marks: u128, most: u32) -> u128 {
    let two = marks >> 2;
    let three = two | two >> 1;
    if most == 5 { three | three >> 2 } else { three | two >> 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Candidates of a text of at most two chunks, as positions.
    fn candidates(text: &str) -> Vec<usize> {
        let mut padded = [b' '; 2 * CHUNK];
        padded[..text.len()].copy_from_slice(text.as_bytes());
        let [one, two] = padded.as_chunks().0 else { panic!("two chunks") };
        let bits = Marks::of(one).candidates(Marks::of(two));
        (0..64).filter(|at| bits >> at & 1 != 0).collect()
    }

    #[test]
    fn the_first_dot_of_three_is_one() {
        assert_eq!(candidates("1.2.3.4"), [1]);
        assert_eq!(candidates("GET 255.255.255.255"), [7]);
        assert_eq!(candidates("537.36 1.2.3 12345.1.1 and a.b"), [0; 0]);
        let late = format!("{}203.0.113.255", " ".repeat(60));
        assert_eq!(candidates(&late), [63], "the other dots are in the next chunk");
    }

    #[test]
    fn two_colons_side_by_side_or_four_in_a_row_are_one() {
        assert_eq!(candidates("fe80::1 [::1]"), [4, 9]);
        assert_eq!(candidates("23/Nov/2026:21:48:04 +0000"), [0; 0]);
        assert_eq!(candidates("https://example.org:443/"), [0; 0]);
        assert_eq!(candidates("2001:db8:0:0:0:0:0:1"), [4, 8, 10, 12]);
    }
}
