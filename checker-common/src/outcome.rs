//! Every way a packet can leave the kernel program.

/// What became of a packet. The value is the index of the packet counter, so nothing leaves uncounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Outcome {
    /// Every address in it was found, and none lies in a range.
    Compliant = 0,
    /// An address lies in a range of a list whose action is `allow`.
    Allowed = 1,
    /// An address lies in a restricted range; reported and passed.
    Alerted = 2,
    /// An address lies in a restricted range of a list whose action is `drop`; reported and dropped.
    Dropped = 3,
    /// No list is active, so nothing could be judged.
    NoList = 4,
    /// Neither IP nor ARP, and none of the two groups of EtherTypes that have an outcome of their own.
    NotIp = 5,
    /// More VLAN tags than are read.
    TooManyTags = 6,
    /// The frame ends within a header that an address may stand in or behind.
    Truncated = 7,
    /// A header contradicts itself, or the one before it.
    Malformed = 8,
    /// A trie named a class that the class table does not have.
    UnknownClass = 9,
    /// Talk between neighbours on the wire: LLDP, STP, EAPOL, slow protocols, PPPoE discovery, ….
    LinkControl = 10,
    /// Storage and RDMA straight on Ethernet: FCoE, AoE, RoCE.
    Storage = 11,
    /// A header whose form is not known, so that what stands behind it is not found.
    UnknownHeader = 12,
    /// More extension headers or labels than are followed.
    HeaderChainTooLong = 13,
    /// What stands behind the outer addresses is encrypted: ESP, MACsec.
    Encrypted = 14,
    /// A tunnel inside a tunnel, or a tunnel although tunnels are not looked into.
    TunnelTooDeep = 15,
}

impl Outcome {
    /// All outcomes, each at its own index.
    pub const ALL: [Self; 16] = [
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
        Self::LinkControl,
        Self::Storage,
        Self::UnknownHeader,
        Self::HeaderChainTooLong,
        Self::Encrypted,
        Self::TunnelTooDeep,
    ];

    /// How many outcomes there are: the size of the counter map.
    pub const COUNT: usize = Self::ALL.len();

    /// Index of the counter.
    #[must_use]
    #[inline(always)]
    pub const fn index(self) -> u32 {
        self as u32
    }

    /// The outcome of an index. Written out, so that the compiler sees a comparison and no table: the kernel
    /// program can hold none.
    #[must_use]
    #[inline(always)]
    pub const fn from_index(index: u32) -> Option<Self> {
        Some(match index {
            0 => Self::Compliant,
            1 => Self::Allowed,
            2 => Self::Alerted,
            3 => Self::Dropped,
            4 => Self::NoList,
            5 => Self::NotIp,
            6 => Self::TooManyTags,
            7 => Self::Truncated,
            8 => Self::Malformed,
            9 => Self::UnknownClass,
            10 => Self::LinkControl,
            11 => Self::Storage,
            12 => Self::UnknownHeader,
            13 => Self::HeaderChainTooLong,
            14 => Self::Encrypted,
            15 => Self::TunnelTooDeep,
            _ => return None,
        })
    }

    /// Whether a verdict was reached on all of the packet; the share of such packets is the coverage.
    #[must_use]
    pub const fn judged(self) -> bool {
        match self {
            Self::Compliant | Self::Allowed | Self::Alerted | Self::Dropped => true,
            Self::NoList
            | Self::NotIp
            | Self::TooManyTags
            | Self::Truncated
            | Self::Malformed
            | Self::UnknownClass
            | Self::LinkControl
            | Self::Storage
            | Self::UnknownHeader
            | Self::HeaderChainTooLong
            | Self::Encrypted
            | Self::TunnelTooDeep => false,
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
            Self::LinkControl => "link_control",
            Self::Storage => "storage",
            Self::UnknownHeader => "unknown_header",
            Self::HeaderChainTooLong => "header_chain_too_long",
            Self::Encrypted => "encrypted",
            Self::TunnelTooDeep => "tunnel_too_deep",
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
            assert_eq!(Outcome::from_index(outcome.index()), Some(outcome));
        }
        assert_eq!(Outcome::from_index(Outcome::COUNT as u32), None);
        assert_eq!(Outcome::from_index(u32::MAX), None);
    }
}
