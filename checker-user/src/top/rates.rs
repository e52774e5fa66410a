//! How fast counters grow: the difference of two answers over the time between them.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::IpAddr,
    time::Duration,
};

use crate::{
    alerts::alert::{Verdict, Way},
    control::{account::Account, flow::FlowRow},
};

/// So many past values are kept: two minutes at one a second.
pub(super) const HISTORY: usize = 120;

/// A counter, and how it grew.
#[derive(Clone, Debug, Default)]
pub(super) struct Rate {
    last: Option<u64>,
    /// By how much a second, of late.
    pub(super) now: f64,
    /// The same before, the latest last.
    pub(super) past: VecDeque<u64>,
}

impl Rate {
    fn add(&mut self, value: u64, seconds: f64) {
        let last = self.last.replace(value);
        // The first value says nothing about speed.
        let Some(last) = last else { return };
        self.now = value.saturating_sub(last) as f64 / seconds;
        if self.past.len() == HISTORY {
            self.past.pop_front();
        }
        self.past.push_back(self.now.round() as u64);
    }
}

/// What makes a flow the same one in two answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FlowKey {
    source: IpAddr,
    destination: IpAddr,
    port: Option<u16>,
    protocol: String,
    label: String,
    interface: String,
    vlan: Vec<u16>,
    outgoing: bool,
    blocked: bool,
}

impl From<&FlowRow> for FlowKey {
    fn from(flow: &FlowRow) -> Self {
        Self {
            source: flow.src_ip,
            destination: flow.dest_ip,
            port: flow.dest_port,
            protocol: flow.proto.clone(),
            label: flow.label.as_str().to_owned(),
            interface: flow.in_iface.clone(),
            vlan: flow.vlan.clone(),
            outgoing: flow.direction == Some(Way::Egress),
            blocked: flow.action == Verdict::Blocked,
        }
    }
}

/// The speeds of everything that counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    before: Option<Duration>,
    /// Packets that the program saw.
    pub(super) packets: Rate,
    /// Packets in restricted ranges, by label and action.
    pub(super) labels: BTreeMap<(String, String), Rate>,
    flows: HashMap<FlowKey, Rate>,
}

impl Rates {
    /// Takes in the counters of one moment, told as the time since any fixed one.
    pub(super) fn add(&mut self, at: Duration, account: &Account, flows: &[FlowRow]) {
        let before = self.before.replace(at);
        let seconds = before.map_or(1.0, |before| at.saturating_sub(before).as_secs_f64().max(1e-3));
        self.packets.add(account.seen, seconds);
        for row in &account.labels {
            let key = (row.label.as_str().to_owned(), row.action.to_string());
            self.labels.entry(key).or_default().add(row.row.matched, seconds);
        }
        let mut former = std::mem::take(&mut self.flows);
        self.flows.extend(flows.iter().map(|flow| {
            let key = FlowKey::from(flow);
            // A flow that was not there before began since, with nothing.
            let mut rate = former.remove(&key).unwrap_or(Rate {
                last: before.map(|_| 0),
                now: 0.0,
                past: VecDeque::new(),
            });
            rate.add(flow.packets, seconds);
            (key, rate)
        }));
    }

    /// Packets a second of a flow.
    pub(super) fn flow(&self, key: &FlowKey) -> f64 {
        self.flows.get(key).map_or(0.0, |rate| rate.now)
    }
}
