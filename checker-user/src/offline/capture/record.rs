//! What a capture says of one packet, whatever its format.

use std::io;

/// One captured packet.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The bytes that were captured.
    pub bytes: &'a [u8],
    /// How many there were on the wire.
    pub length: u32,
    /// Which header they begin with: a LINKTYPE number (<https://www.tcpdump.org/linktypes.html>).
    pub link: u16,
    /// When it was captured, in ticks of `clock`; 0 where the format does not say.
    pub ticks: u64,
    /// What a tick is.
    pub clock: Clock,
    /// Name of the interface, where the capture has it.
    pub interface: Option<&'a str>,
}

/// How a capture counts time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Ticks of a second.
    pub per_second: u128,
    /// Seconds that are added.
    pub offset: i64,
}

/// Why there is no further record.
#[derive(Debug)]
pub enum Broken {
    /// The input ends within a record.
    Cut,
    /// The input cannot be read.
    Unreadable(io::Error),
    /// The input is no capture from here on, and what is wrong: a sentence without its end.
    Wrong(String),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl Clock {
    /// Microseconds since 1970.
    pub const MICROSECONDS: Self = Self { per_second: 1_000_000, offset: 0 };
    /// Nanoseconds since 1970.
    pub const NANOSECONDS: Self = Self { per_second: 1_000_000_000, offset: 0 };
}

impl Record<'_> {
    /// Nanoseconds since 1970; what lies outside of the years 1970 to 2554 is moved to their edge.
    #[must_use]
    pub fn nanoseconds(&self) -> u64 {
        // At most 2^64 · 10^9, which leaves room.
        let since = u128::from(self.ticks) * Clock::NANOSECONDS.per_second / self.clock.per_second.max(1);
        let since =
            i128::try_from(since).unwrap_or(i128::MAX / 2) + i128::from(self.clock.offset) * 1_000_000_000;
        u64::try_from(since.max(0)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_nanoseconds() {
        let at = |ticks, per_second, offset| {
            Record {
                bytes: &[],
                length: 0,
                link: 1,
                ticks,
                clock: Clock { per_second, offset },
                interface: None,
            }
            .nanoseconds()
        };
        assert_eq!(at(1_500_000, 1_000_000, 0), 1_500_000_000);
        assert_eq!(at(1_500_000_000, 1_000_000_000, 0), 1_500_000_000);
        assert_eq!(at(3, 2, 0), 1_500_000_000, "halves of a second");
        assert_eq!(at(15, 10, 100), 101_500_000_000);
        assert_eq!(at(15, 10, -1), 500_000_000);
        assert_eq!(at(15, 10, i64::MIN), 0);
        assert_eq!(at(u64::MAX, 1, i64::MAX), u64::MAX);
        assert_eq!(at(u64::MAX, u128::MAX, 0), 0);
    }
}
