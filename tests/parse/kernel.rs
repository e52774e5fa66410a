//! The loaded program, run frame by frame (`BPF_PROG_TEST_RUN`), beside the oracle.

use std::{collections::BTreeMap, sync::Arc};

use aya::programs::{TestRun as _, TestRunOptions};
use checker_common::{alert::AlertRecord, candidate::Sides, nat64::Nat64, outcome::Outcome};
use checker_user::{
    daemon::{loader::Loader, records::Records},
    datapath::{
        direction::{Direction, View},
        load::{Datapath, classifier, load, xdp},
    },
    ranges::{action::Action, generation::Generation, spec::ListSpec},
};

use harness::lists::{List, Lists};

use crate::oracle;

pub(crate) struct Kernel {
    ebpf: aya::Ebpf,
    alerts: aya::maps::RingBuf<aya::maps::MapData>,
    counters: checker_user::datapath::counters::Counters,
    flows: checker_user::datapath::flows::FlowTable,
    generation: Arc<Generation>,
    tally: BTreeMap<u32, u64>,
    direction: Direction,
}

impl Kernel {
    /// Loads the program of that direction, with the lists that the stacks draw their addresses from.
    pub(crate) fn new(direction: Direction) -> Self {
        let view = View { direction, tunnels: true, nat64: Nat64::WELL_KNOWN };
        let Datapath { ebpf, installer, alerts, counters, flows, .. } =
            load(false, &view).expect("the program loads");
        let records = Arc::new(Records::default());
        let mut loader = Loader::new(installer, Arc::clone(&records), Arc::default());
        loader.load(&lists(&Lists::new().expect("a folder")), true).expect("the lists load");
        let generation = records.active().expect("a generation");
        Self { ebpf, alerts, counters, flows, generation, tally: BTreeMap::new(), direction }
    }

    /// Runs one frame and compares outcome and record.
    pub(crate) fn agrees(&mut self, bytes: &[u8]) {
        // The kernel runs no test on less than an Ethernet header (`bpf_prog_test_run_xdp`, net/bpf/test_run.c).
        if bytes.len() < 14 {
            let found = checker_common::parse::parse(bytes);
            return assert_eq!(found.err(), Some(Outcome::Truncated));
        }
        let (packet, expected, winner) = oracle::judge(bytes, self.sides(), &self.generation.compiled);
        let options = TestRunOptions { data_in: Some(bytes), ..TestRunOptions::new() };
        let dropped = expected == Outcome::Dropped;
        // uapi/linux/bpf.h: XDP_DROP, XDP_PASS; uapi/linux/pkt_cls.h: TC_ACT_SHOT, TC_ACT_UNSPEC.
        let (result, action) = if self.direction.outgoing() {
            let program = classifier(&mut self.ebpf).expect("the program");
            (program.test_run(options), if dropped { 2 } else { u32::MAX })
        } else {
            (xdp(&mut self.ebpf).expect("the program").test_run(options), if dropped { 1 } else { 2 })
        };
        let result = result.expect("a test run");
        assert_eq!(result.return_value, action, "{expected:?} {bytes:02x?}");
        let tally = self.tally.entry(expected.index()).or_default();
        *tally += 1;
        let counted = self.counters.outcomes().expect("counters");
        assert_eq!(counted[expected.index() as usize], *tally, "{expected:?}, not {counted:?} {bytes:02x?}");
        let record = self.alerts.next().map(|record| AlertRecord::decode(&record).expect("a record"));
        if let Some(record) = &record {
            // The next frame is the first of its flow again.
            assert!(self.flows.take(&record.flow()).expect("a table").is_some(), "{bytes:02x?}");
        }
        let reports = matches!(expected, Outcome::Alerted | Outcome::Dropped);
        assert_eq!(record.is_some(), reports, "{expected:?} {bytes:02x?}");
        if let (Some(record), Some(winner)) = (record, winner) {
            let outer = oracle::layers(&packet)[0];
            assert_eq!(record.addresses(), [outer.0, outer.1], "{bytes:02x?}");
            assert_eq!(record.ports(), outer.3, "{bytes:02x?}");
            assert_eq!(record.protocol(), outer.2, "{bytes:02x?}");
            assert_eq!(record.tcp_flags(), packet.outer.tcp_flags(), "{bytes:02x?}");
            assert_eq!(record.icmp_type(), packet.outer.icmp_type(), "{bytes:02x?}");
            assert_eq!(record.matched(), oracle::address(&winner), "{bytes:02x?}");
            let place = (record.side(), record.via(), record.is_inner());
            assert_eq!(place, (winner.side, winner.via, winner.inner), "{bytes:02x?}");
            let tags: Vec<_> = oracle::tags(&packet).into_iter().map(|tag| tag & 0x0fff).collect();
            assert_eq!(record.vlans().collect::<Vec<_>>(), tags, "{bytes:02x?}");
        }
    }

    fn sides(&self) -> Sides {
        match self.direction {
            Direction::Ingress => Sides { source: true, destination: false },
            Direction::Egress | Direction::Both => Sides { source: false, destination: true },
            Direction::Mirror => Sides { source: true, destination: true },
        }
    }

    /// Says what the frames came to.
    pub(crate) fn report(&self) {
        for (outcome, frames) in &self.tally {
            println!("{} {frames}", Outcome::from_index(*outcome).map_or("?", Outcome::name));
        }
    }
}

fn lists(folder: &Lists) -> Vec<ListSpec> {
    let add = |label, action, text| folder.add(&List { label, action, text }).expect("a list");
    vec![
        add("alert", Action::Alert, "203.0.113.0/24\n2001:db8:a::/48\n"),
        add("drop", Action::Drop, "198.51.100.0/25\n2001:db8:d::/48\n"),
        add("allow", Action::Allow, "203.0.113.128/25\n"),
    ]
}
