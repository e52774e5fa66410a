//! The flow table: what it knows a flow by, and what it counts of one.

use crate::alert::AlertRecord;

/// What a flow is known by. Byte arrays, so there is no padding between the fields; the whole is aligned as words are,
/// so that it is compared and copied in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C, align(8))]
pub struct FlowKey {
    pub(crate) source: [u8; 16],
    pub(crate) destination: [u8; 16],
    pub(crate) matched: [u8; 16],
    /// A reload makes new flows: each alert tells the list that it is due to.
    pub(crate) generation: [u8; 8],
    pub(crate) class: [u8; 4],
    pub(crate) interface: [u8; 4],
    pub(crate) destination_port: [u8; 2],
    /// Id of the outermost VLAN, without priority; 0 without a tag.
    pub(crate) vlan: [u8; 2],
    pub(crate) tagged: u8,
    pub(crate) protocol: u8,
    pub(crate) family: u8,
    pub(crate) matched_family: u8,
    pub(crate) side: u8,
    pub(crate) via: u8,
    pub(crate) place: u8,
    pub(crate) arp: u8,
    /// Zeros up to the end of the word.
    pub(crate) reserved: [u8; 4],
}

const _: () = assert!(size_of::<FlowKey>() == 80, "raise abi::VERSION when the layout changes");

impl FlowKey {
    /// Class that the flow belongs to.
    #[must_use]
    pub const fn class(&self) -> u32 {
        u32::from_be_bytes(self.class)
    }

    /// Generation that judged its packets.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        u64::from_be_bytes(self.generation)
    }
}

/// What the table holds of a flow. The counters are those of this machine, not big-endian: they are added to.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct FlowValue {
    /// The first packet.
    pub record: AlertRecord,
    /// Nanoseconds of `CLOCK_MONOTONIC`: the last packet.
    pub last: u64,
    /// Packets, with the first.
    pub packets: u64,
    /// Bytes of their frames.
    pub bytes: u64,
    /// All TCP flags that they carried.
    pub tcp_flags: u64,
}

const _: () = assert!(size_of::<FlowValue>() == 144, "raise abi::VERSION when the layout changes");

impl FlowValue {
    /// Makes it a flow of one packet: that of its record. In place, because a copy would be made on the stack.
    #[inline(always)]
    pub fn begin(&mut self) {
        let about = self.record.circumstances();
        self.record.set_folded(true);
        self.last = about.time;
        self.packets = 1;
        self.bytes = u64::from(about.length);
        self.tcp_flags = self.record.tcp_flags().map_or(0, u64::from);
    }

    /// Counts one more packet of the flow, whose record would be `record`. Whether it was counted: it is not when the
    /// table has given the flow's place to one of another class meanwhile, and then nothing is changed. `plus` adds to a
    /// number in one go, wrapping around.
    ///
    /// # Safety
    ///
    /// `flow` points to an element of the table. Others may add to it at the same time, in this way only.
    #[inline(always)]
    pub unsafe fn add(flow: *mut Self, record: &AlertRecord, plus: impl Fn(*mut u64, u64)) -> bool {
        let about = record.circumstances();
        let length = u64::from(about.length);
        // SAFETY: valid, see above.
        let (packets, bytes) = unsafe { (&raw mut (*flow).packets, &raw mut (*flow).bytes) };
        plus(packets, 1);
        plus(bytes, length);
        // Elements of an LRU table are given away while others use them. What was added to another class's flow is
        // taken back, or the account of that class would have a packet too many.
        // SAFETY: valid, see above.
        if unsafe { (&raw const (*flow).record.class).read_volatile() } != record.class {
            plus(packets, u64::MAX);
            plus(bytes, length.wrapping_neg());
            return false;
        }
        // SAFETY: valid, see above. Two cores may write at once: then the later time may be lost for the earlier one,
        // or a new flag until the next packet that has it.
        unsafe {
            (&raw mut (*flow).last).write_volatile(about.time);
            let flags = (&raw const (*flow).tcp_flags).read_volatile();
            let all = flags | record.tcp_flags().map_or(0, u64::from);
            if all != flags {
                (&raw mut (*flow).tcp_flags).write_volatile(all);
            }
        }
        true
    }
}

#[cfg(feature = "user")]
mod user {
    // SAFETY: repr(C), byte arrays that fill the words (asserted above): any bytes are a valid value.
    unsafe impl aya::Pod for super::FlowKey {}
    // SAFETY: repr(C), a record of byte arrays and four u64, no padding (asserted above): any bytes are a valid value.
    unsafe impl aya::Pod for super::FlowValue {}
}
