//! Where the walk stands. Plain integers, no references: in the kernel it is a map value, of which the verifier
//! knows nothing, so that all paths through a step end in the same state.

use crate::{
    outcome::Outcome,
    packet::{Layer, Packet, Tags},
};

/// Most steps of a walk. Two layers of tags, labels and extension headers, each with a limit of its own, take
/// fewer.
pub const STEPS: u32 = 64;

/// Which header stands at [`State::offset`].
pub(super) mod next {
    pub(crate) const END: u32 = 0;
    pub(crate) const ETHERNET: u32 = 1;
    pub(crate) const TAG: u32 = 2;
    pub(crate) const LLC: u32 = 3;
    pub(crate) const MPLS: u32 = 4;
    pub(crate) const PPPOE: u32 = 5;
    pub(crate) const MACSEC: u32 = 6;
    pub(crate) const ARP: u32 = 7;
    pub(crate) const IP: u32 = 8;
    pub(crate) const IPV4: u32 = 9;
    pub(crate) const IPV6: u32 = 10;
    pub(crate) const EXTENSION: u32 = 11;
    pub(crate) const TRANSPORT: u32 = 12;
    pub(crate) const GRE: u32 = 13;
    pub(crate) const ETHERIP: u32 = 14;
    pub(crate) const VXLAN: u32 = 15;
    pub(crate) const GENEVE: u32 = 16;
    pub(crate) const GTP: u32 = 17;
    pub(crate) const GTP_EXTENSION: u32 = 18;
}

/// A walk between two steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct State {
    /// What was found so far.
    pub packet: Packet,
    /// One of [`next`].
    pub(super) next: u32,
    /// Where that header starts.
    pub(super) offset: u32,
    /// The protocol number for an extension or transport header.
    pub(super) protocol: u32,
    /// 0 outside of a tunnel, 1 inside.
    pub(super) layer: u32,
    /// Most layers that are looked into beside the outer one.
    pub(super) depth: u32,
    /// Extension headers of this layer.
    pub(super) headers: u32,
    /// Labels of this layer.
    pub(super) labels: u32,
    /// Tags of this layer.
    pub(super) tags: u32,
}

impl State {
    /// At the Ethernet header, see [`begin`](Self::begin).
    #[must_use]
    pub fn new(tunnels: bool, tags: Tags) -> Self {
        let mut state = Self::default();
        state.begin(tunnels, tags);
        state
    }

    /// Makes a state of zeros one at the Ethernet header, behind `tags` that the hardware took out of the frame.
    /// `tunnels` asks for a look into the first tunnel.
    #[inline(always)]
    pub fn begin(&mut self, tunnels: bool, tags: Tags) {
        self.next = next::ETHERNET;
        self.depth = u32::from(tunnels);
        self.tags = u32::from(tags.count);
        self.packet.tags = tags;
    }

    /// The layer that the walk is in.
    #[inline(always)]
    pub(super) fn here(&mut self) -> &mut Layer {
        if self.layer == 0 { &mut self.packet.outer } else { &mut self.packet.inner }
    }

    /// `length` bytes on stands a header of the kind `next`.
    #[inline(always)]
    pub(super) fn go(&mut self, length: u32, next: u32) -> Result<(), Outcome> {
        self.offset += length;
        self.next = next;
        Ok(())
    }

    /// Nothing more is to be found.
    #[inline(always)]
    pub(super) fn end(&mut self) -> Result<(), Outcome> {
        self.next = next::END;
        Ok(())
    }

    /// What follows belongs to the layer inside.
    #[inline(always)]
    pub(super) fn enter_tunnel(&mut self) -> Result<(), Outcome> {
        if self.layer >= self.depth {
            return Err(Outcome::TunnelTooDeep);
        }
        self.layer = 1;
        self.headers = 0;
        self.labels = 0;
        self.tags = 0;
        Ok(())
    }

    /// Ends the walk; `limit` is why.
    #[inline(always)]
    pub(super) fn stop(&mut self, limit: Outcome) {
        self.packet.limit = limit.index() as u8 + 1;
        self.next = next::END;
    }

    /// Called once no step follows: a walk that has not come to its end is too long.
    #[inline(always)]
    pub fn finish(&mut self) {
        if self.next != next::END {
            self.stop(Outcome::HeaderChainTooLong);
        }
    }
}
