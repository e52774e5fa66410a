//! Every way a packet can leave the kernel program.

/// What became of a packet. The value is the index of the packet counter, so nothing leaves uncounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Outcome {
    /// Its address lies in no range.
    Compliant = 0,
    /// Its address lies in a range of a list whose action is `allow`.
    Allowed = 1,
    /// Its address lies in a restricted range; reported and passed.
    Alerted = 2,
    /// Its address lies in a restricted range of a list whose action is `drop`; reported and dropped.
    Dropped = 3,
    /// No list is active, so nothing could be judged.
    NoList = 4,
    /// Neither IPv4 nor IPv6.
    NotIp = 5,
    /// More VLAN tags than are read.
    TooManyTags = 6,
    /// The frame ends before the address.
    Truncated = 7,
    /// The EtherType says IP, the header does not.
    Malformed = 8,
    /// A trie named a class that the class table does not have.
    UnknownClass = 9,
}

impl Outcome {
    /// All outcomes, each at its own index.
    pub const ALL: [Self; 10] = [
        Self::Compliant,
        Self::Allowed,
        Self::Alerted,
        Self::Dropped,
        Self::NoList,
        Self::NotIp,
        Self::TooManyTags,
        Self::Truncated,
        Self::Malformed,
        Self::UnknownClass,
    ];

    /// How many outcomes there are: the size of the counter map.
    pub const COUNT: usize = Self::ALL.len();

    /// Index of the counter.
    #[must_use]
    #[inline(always)]
    pub const fn index(self) -> u32 {
        self as u32
    }

    /// Whether a verdict was reached; the share of such packets is the coverage.
    #[must_use]
    pub const fn judged(self) -> bool {
        match self {
            Self::Compliant | Self::Allowed | Self::Alerted | Self::Dropped => true,
            Self::NoList
            | Self::NotIp
            | Self::TooManyTags
            | Self::Truncated
            | Self::Malformed
            | Self::UnknownClass => false,
        }
    }

    /// Name in `status`, in snake case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compliant => "compliant",
            Self::Allowed => "allowed",
            Self::Alerted => "alerted",
            Self::Dropped => "dropped",
            Self::NoList => "no_list",
            Self::NotIp => "not_ip",
            Self::TooManyTags => "too_many_tags",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::UnknownClass => "unknown_class",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn each_outcome_stands_at_its_own_index() {
        for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome.index() as usize, index, "{}", outcome.name());
        }
    }
}
