//! One frame through the kernel program, without an interface: `BPF_PROG_TEST_RUN`.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use aya::{
    Ebpf,
    maps::{Array, Map, MapData, MapInfo, RingBuf, loaded_maps},
};
use checker_common::{
    abi,
    account::ClassAccount,
    alert::AlertRecord,
    flow::{FlowKey, FlowValue},
    nat64::Nat64,
    outcome::Outcome,
};
use checker_user::{
    control::protocol::Loaded,
    daemon::{loader::Loader, records::Records},
    datapath::{
        counters::Counters,
        direction::{Direction, View},
        flows::{Chunk, FlowTable},
        load::{classifier, load_with, xdp},
    },
    ranges::spec::ListSpec,
};

use crate::{require, runner::Runner};

/// Shortest frame that the kernel runs a program on: an Ethernet header.
pub const SHORTEST: usize = 14;

/// The program and its maps in the kernel, attached to nothing.
pub struct Kernel {
    /// Held, so that the program stays.
    _ebpf: Ebpf,
    alerts: RingBuf<MapData>,
    counters: Counters,
    flows: FlowTable,
    loader: Loader,
    runner: Runner,
    /// What the loader has announced: generations and classes.
    pub records: Arc<Records>,
}

/// What one frame led to.
#[derive(Debug)]
pub struct Judged {
    /// Whether the kernel was told to drop it.
    pub dropped: bool,
    /// The counter that moved.
    pub outcome: Outcome,
    /// The record, if there was one.
    pub record: Option<AlertRecord>,
}

impl Kernel {
    /// Loads the program as the daemon does when nothing is said about directions, tunnels and NAT64.
    ///
    /// # Errors
    ///
    /// Without root, or what the kernel said.
    pub fn load() -> Result<Self> {
        Self::load_for(&View { direction: Direction::Ingress, tunnels: true, nat64: Nat64::WELL_KNOWN })
    }

    /// Loads the program as the daemon does when it is asked for this; of two directions, the one for incoming packets
    /// is run.
    ///
    /// # Errors
    ///
    /// Without root, or what the kernel said.
    pub fn load_for(view: &View) -> Result<Self> {
        Self::load_with(view, abi::FLOW_COUNT)
    }

    /// The same with room for so many flows.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn load_with(view: &View, flows: u32) -> Result<Self> {
        require::root()?;
        let mut datapath = load_with(false, view, flows)?;
        let ebpf = &mut datapath.ebpf;
        let info = if view.direction.incoming() { xdp(ebpf)?.info()? } else { classifier(ebpf)?.info()? };
        let runner = Runner::of(info.id())?;
        let records = Arc::new(Records::default());
        let loader = Loader::new(datapath.installer, Arc::clone(&records), Arc::default());
        Ok(Self {
            _ebpf: datapath.ebpf,
            alerts: datapath.alerts,
            counters: datapath.counters,
            flows: datapath.flows,
            loader,
            runner,
            records,
        })
    }

    /// Loads lists as `checker load` does, and lifts the guards.
    ///
    /// # Errors
    ///
    /// Why they were refused.
    pub fn install(&mut self, lists: &[ListSpec]) -> Result<Loaded> {
        self.loader.load(lists, true)
    }

    /// Drops a label as `checker unload` does.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn unload(&mut self, label: &str) -> Result<Loaded> {
        self.loader.unload(&label.parse()?)
    }

    /// Runs `frame` once.
    ///
    /// # Errors
    ///
    /// What the kernel said, or when not exactly one counter moved by one.
    pub fn judge(&mut self, frame: &[u8]) -> Result<Judged> {
        self.judge_split(frame, None)
    }

    /// The same, with no more than the first `head` bytes where the program can read them directly, as when a driver
    /// puts headers and data into different buffers. For incoming packets.
    ///
    /// # Errors
    ///
    /// As [`judge`](Self::judge), and on kernels before 6.18, which cannot be asked for that.
    pub fn judge_split(&mut self, frame: &[u8], head: Option<u32>) -> Result<Judged> {
        let before = self.counters.outcomes()?;
        let told = self.runner.run_split(frame, 1, head)?;
        let dropped = self.runner.is_drop(told)?;
        let after = self.counters.outcomes()?;
        let moved: Vec<_> = Outcome::ALL
            .into_iter()
            .map(|outcome| (outcome, after[outcome.index() as usize] - before[outcome.index() as usize]))
            .filter(|(_, by)| *by != 0)
            .collect();
        let [(outcome, 1)] = moved[..] else { bail!("one packet moved these counters: {moved:?}") };
        let record = self.next_record()?;
        if let Some(record) = &record {
            // The next frame is the first of its flow again.
            ensure!(self.flows.take(&record.flow())?.is_some(), "no flow stands behind the record");
        }
        ensure!(self.alerts.next().is_none(), "one packet left more than one record");
        Ok(Judged { dropped, outcome, record })
    }

    /// Runs `frame` so many times; gives what the program told the driver the last time.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn run(&self, frame: &[u8], times: u32) -> Result<u32> {
        self.runner.run(frame, times)
    }

    /// Takes the next record out of the ring.
    ///
    /// # Errors
    ///
    /// When it is not one.
    pub fn next_record(&mut self) -> Result<Option<AlertRecord>> {
        let Some(bytes) = self.alerts.next() else { return Ok(None) };
        match AlertRecord::decode(&bytes) {
            Ok(record) => Ok(Some(record)),
            Err(reason) => bail!("the ring held something else than a record: {reason:?}"),
        }
    }

    /// The flow table.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn flows(&self) -> Result<Vec<(FlowKey, FlowValue)>> {
        let (mut chunk, mut all) = (Chunk::default(), Vec::new());
        loop {
            let more = self.flows.read(&mut chunk)?;
            all.extend(chunk.keys.iter().copied().zip(chunk.values.iter().copied()));
            if !more {
                return Ok(all);
            }
        }
    }

    /// Packets that left with `outcome`.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn counted(&self, outcome: Outcome) -> Result<u64> {
        Ok(self.counters.outcomes()?[outcome.index() as usize])
    }

    /// Packets of every outcome.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn seen(&self) -> Result<u64> {
        Ok(self.counters.outcomes()?.iter().sum())
    }

    /// The kernel's account of a class.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn account(&self, class: u32) -> Result<ClassAccount> {
        Ok(self.counters.account(class)?)
    }

    /// Takes its action from every class, which no loader does.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn forget_actions(&self) -> Result<()> {
        let maps =
            self.runner.info()?.map_ids()?.context("this kernel does not tell the maps of a program")?;
        let named = |map: &MapInfo| map.name_as_str() == Some(abi::CLASSES) && maps.contains(&map.id());
        let classes = loaded_maps().flatten().find(named).context("no map of classes")?;
        let mut classes: Array<_, u32> = Map::Array(MapData::from_id(classes.id())?).try_into()?;
        for class in 0..abi::CLASS_COUNT {
            classes.set(class, 0, 0)?;
        }
        Ok(())
    }

    /// A second handle on the program, for a thread that runs frames while lists are loaded.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn runner(&self) -> Result<Runner> {
        Runner::of(self.runner.info()?.id())
    }
}
