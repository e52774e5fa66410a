//! What the daemon has told of each flow of the kernel's table: what is new there is the next alert.

use std::collections::{HashMap, hash_map::Entry};

use checker_common::{
    alert::AlertRecord,
    flow::{FlowKey, FlowValue},
};

use crate::alerts::describe::Share;

/// Flows by what they are known by.
#[derive(Debug, Default)]
pub struct Flows {
    told: HashMap<FlowKey, Told>,
    /// Number of the sweep that is going on, or that comes next.
    sweep: u64,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    /// When the flow began: a flow that gave way and came again is another one.
    began: u64,
    packets: u64,
    bytes: u64,
    /// The last sweep that saw it.
    sweep: u64,
}

/// What was told of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldFlow {
    /// When it began, as the kernel's clock has it.
    pub began: u64,
    /// Packets.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Flows {
    /// What was told of each flow.
    pub fn told(&self) -> impl Iterator<Item = (&FlowKey, ToldFlow)> {
        let told = |told: &Told| ToldFlow { began: told.began, packets: told.packets, bytes: told.bytes };
        self.told.iter().map(move |(key, flow)| (key, told(flow)))
    }

    /// A daemon before told so much of a flow.
    pub fn remember(&mut self, key: FlowKey, flow: ToldFlow) {
        let ToldFlow { began, packets, bytes } = flow;
        self.told.insert(key, Told { began, packets, bytes, sweep: self.sweep });
    }

    /// The first record of a flow: what it tells, unless a sweep was quicker.
    pub fn first(&mut self, key: FlowKey, record: &AlertRecord) -> Option<Share> {
        let share = Share::one(record);
        let told = Told { began: share.last, packets: share.packets, bytes: share.bytes, sweep: self.sweep };
        match self.told.entry(key) {
            // An older one was late: its flow gave way, and was told of before it did.
            Entry::Occupied(known) if known.get().began >= told.began => None,
            Entry::Occupied(mut known) => {
                known.insert(told);
                Some(share)
            }
            Entry::Vacant(new) => {
                new.insert(told);
                Some(share)
            }
        }
    }

    /// A flow as the table has it: what is new of it.
    pub fn swept(&mut self, key: FlowKey, value: &FlowValue) -> Option<Share> {
        let began = value.record.circumstances().time;
        let fresh = Told { began, packets: 0, bytes: 0, sweep: self.sweep };
        let told = self.told.entry(key).or_insert(fresh);
        if told.began != began {
            *told = fresh;
        }
        told.sweep = self.sweep;
        // Both are below 2^63; a flow that is younger than the table's memory may be one short for a moment.
        let packets = u64::try_from(value.packets.cast_signed() - told.packets.cast_signed()).unwrap_or(0);
        if packets == 0 {
            return None;
        }
        let bytes = value.bytes.saturating_sub(told.bytes);
        told.packets += packets;
        told.bytes += bytes;
        let has_flags = value.record.tcp_flags().is_some();
        let tcp_flags = has_flags.then_some(value.tcp_flags as u8);
        Some(Share { packets, bytes, last: value.last, tcp_flags })
    }

    /// A sweep begins.
    pub(super) fn begin_sweep(&mut self) {
        self.sweep += 1;
    }

    /// The sweep has seen the whole table, and no record from before it can come any more: what it has not seen is gone.
    pub(super) fn forget_unseen(&mut self) {
        let sweep = self.sweep;
        self.told.retain(|_, told| told.sweep == sweep);
    }
}
