//! Names, sizes and the version that the kernel program and the loader must agree on.

/// Version of everything in this crate that crosses the border; it stands in each alert record.
/// Raise it with every change of a record or of a map's key or value.
pub const VERSION: u16 = 7;

/// The XDP program, as the object names it.
pub const PROGRAM: &str = "checker";
/// The classifier for outgoing packets.
pub const EGRESS_PROGRAM: &str = "checker_egress";

/// The classifier for incoming packets, where XDP is another program's.
pub const INGRESS_PROGRAM: &str = "checker_ingress";

/// Read-only data, written by the loader before it loads the object: a `u8`, 1 to look into tunnels.
pub const TUNNELS: &str = "TUNNELS";
/// Likewise, 1 when the XDP program also looks at destinations: it sees a mirror port.
pub const MIRROR: &str = "MIRROR";
/// Likewise, 1 when the head of each flow's first packet is taken.
pub const TAKE_EVIDENCE: &str = "TAKE_EVIDENCE";
/// Likewise, a [`crate::nat64::Nat64`].
pub const NAT64: &str = "NAT64";

/// Outer map, two slots, one IPv4 trie in each: generation `n` stands in slot `n % 2`.
pub const RANGES_V4: &str = "RANGES_V4";
/// Outer map, two slots, one IPv6 trie in each: generation `n` stands in slot `n % 2`.
pub const RANGES_V6: &str = "RANGES_V6";
/// Outer map of the IPv4 index, [`crate::index::MAX_PAGES`] pages for each slot of [`RANGES_V4`].
pub const INDEX_V4: &str = "INDEX_V4";
/// Outer map of the IPv6 index, [`crate::index::MAX_PAGES`] pages for each slot of [`RANGES_V6`].
pub const INDEX_V6: &str = "INDEX_V6";
/// One `u64`: the generation that packets are judged by; 0 before the first list.
pub const ACTIVE: &str = "ACTIVE";
/// `u32` class → [`crate::action::Action`] as its `u32` value.
pub const CLASSES: &str = "CLASSES";
/// Per CPU, [`crate::outcome::Outcome`] → `u64` packets.
pub const OUTCOMES: &str = "OUTCOMES";
/// Per CPU, `u32` class → [`crate::account::ClassAccount`].
pub const ACCOUNTS: &str = "ACCOUNTS";
/// Ring buffer of [`crate::alert::AlertRecord`].
pub const ALERTS: &str = "ALERTS";
/// Ring buffer of [`crate::evidence::EvidenceRecord`], which nothing is put into unless [`TAKE_EVIDENCE`] is set.
pub const EVIDENCE: &str = "EVIDENCE";
/// Per CPU, one `u64`: packets whose head found no room in [`EVIDENCE`].
pub const EVIDENCE_LOST: &str = "EVIDENCE_LOST";

/// LRU hash, [`crate::flow::FlowKey`] → [`crate::flow::FlowValue`].
pub const FLOWS: &str = "FLOWS";

/// Flows that the table has room for unless the loader asks for another size.
pub const FLOW_COUNT: u32 = 65_536;

/// How many classes there can be in the life of a daemon; class 0 is none.
pub const CLASS_COUNT: u32 = 1024;

/// The class of the canary, an address that the daemon has the program look up to see that it does. No label is ever
/// given it and it has no action, so a packet of it leaves as [`crate::outcome::Outcome::UnknownClass`]: counted, and
/// nothing else.
pub const CANARY_CLASS: u32 = CLASS_COUNT - 1;

/// Slots in the outer maps: the active generation and the one before or after it.
pub const SLOTS: u32 = 2;

/// Bytes of the ring buffer: a power of two and a multiple of the page size. 4 MiB hold about 35 000 records.
pub const RING_BYTES: u32 = 4 << 20;

/// Bytes of the ring of evidence where it is used: 8 MiB hold about 13 000 heads.
pub const EVIDENCE_BYTES: u32 = 8 << 20;

/// Bytes of it in the object, for those who do not use it: the least there can be.
pub const EVIDENCE_UNUSED: u32 = 4096;

/// Entries of the trie that stands in the object as the pattern for the real ones; those are made as large as
/// the list needs (the kernel does not compare `max_entries` of tries, `bpf_map_meta_equal` in
/// `kernel/bpf/map_in_map.c`).
pub const TEMPLATE_ENTRIES: u32 = 1;

/// Elements of the outer maps of the indexes.
pub const INDEX_PAGES: u32 = SLOTS * crate::index::MAX_PAGES;

/// Flags of a page of an index: `BPF_F_MMAPABLE`, only because the value of such an array begins on a page of
/// memory (`array_map_alloc`, `kernel/bpf/arraymap.c`) and so a node lies in one cache line, not across two.
pub const INDEX_PAGE_FLAGS: u32 = 1 << 10;

/// Slot of a generation in the outer maps.
#[must_use]
#[inline(always)]
pub const fn slot(generation: u64) -> u32 {
    (generation % SLOTS as u64) as u32
}
