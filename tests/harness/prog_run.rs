//! One frame through the kernel program, without an interface: `BPF_PROG_TEST_RUN`.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use aya::{
    Ebpf,
    maps::{MapData, RingBuf},
    programs::{TestRun as _, TestRunOptions, Xdp, loaded_programs},
};
use aya_obj::programs::XdpAttachType;
use checker_common::{abi, account::ClassAccount, alert::AlertRecord, nat64::Nat64, outcome::Outcome};
use checker_user::{
    control::protocol::Loaded,
    daemon::{loader::Loader, records::Records},
    datapath::{
        counters::Counters,
        direction::{Direction, View},
        load::load,
    },
    ranges::source::ListSpec,
};

use crate::require;

/// Shortest frame that the kernel runs a program on: an Ethernet header.
pub const SHORTEST: usize = 14;

/// The program and its maps in the kernel, attached to nothing.
pub struct Kernel {
    ebpf: Ebpf,
    alerts: RingBuf<MapData>,
    counters: Counters,
    loader: Loader,
    /// What the loader has announced: generations and classes.
    pub records: Arc<Records>,
}

/// What one frame led to.
#[derive(Debug)]
pub struct Judged {
    /// What the program told the driver, as `uapi/linux/bpf.h` numbers it.
    pub xdp_action: u32,
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
        require::root()?;
        let view = View { direction: Direction::Ingress, tunnels: true, nat64: Nat64::WELL_KNOWN };
        let datapath = load(false, &view)?;
        let records = Arc::new(Records::default());
        let loader = Loader::new(datapath.installer, Arc::clone(&records), Arc::default());
        Ok(Self {
            ebpf: datapath.ebpf,
            alerts: datapath.alerts,
            counters: datapath.counters,
            loader,
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
        let before = self.counters.outcomes()?;
        let xdp_action = self.run(frame, 1)?;
        let after = self.counters.outcomes()?;
        let moved: Vec<_> = Outcome::ALL
            .into_iter()
            .map(|outcome| (outcome, after[outcome.index() as usize] - before[outcome.index() as usize]))
            .filter(|(_, by)| *by != 0)
            .collect();
        let [(outcome, 1)] = moved[..] else { bail!("one packet moved these counters: {moved:?}") };
        let record = self.next_record()?;
        ensure!(self.alerts.next().is_none(), "one packet left more than one record");
        Ok(Judged { xdp_action, outcome, record })
    }

    /// Runs `frame` so many times; gives what the program told the driver the last time.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn run(&self, frame: &[u8], times: u32) -> Result<u32> {
        self.runner()?.run(frame, times)
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

    /// Packets that left with `outcome`.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn counted(&self, outcome: Outcome) -> Result<u64> {
        Ok(self.counters.outcomes()?[outcome.index() as usize])
    }

    /// The kernel's account of a class.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn account(&self, class: u32) -> Result<ClassAccount> {
        Ok(self.counters.account(class)?)
    }

    /// A second handle on the program, for a thread that runs frames while lists are loaded.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn runner(&self) -> Result<Runner> {
        let program: &Xdp = self.ebpf.program(abi::PROGRAM).context("no program")?.try_into()?;
        Ok(Runner(Xdp::from_program_info(program.info()?, abi::PROGRAM.into(), XdpAttachType::Interface)?))
    }
}

/// The program alone.
pub struct Runner(Xdp);

impl Runner {
    /// Of a program that another process has loaded, by its id.
    ///
    /// # Errors
    ///
    /// When there is no such program.
    pub fn of(program: u32) -> Result<Self> {
        let info = loaded_programs().flatten().find(|info| info.id() == program);
        let info = info.with_context(|| format!("no program has the id {program}"))?;
        Ok(Self(Xdp::from_program_info(info, abi::PROGRAM.into(), XdpAttachType::Interface)?))
    }

    /// Runs `frame` so many times; gives what the program told the driver the last time.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn run(&self, frame: &[u8], times: u32) -> Result<u32> {
        let options = TestRunOptions { data_in: Some(frame), repeat: times, ..TestRunOptions::default() };
        let run = self.0.test_run(options).with_context(|| format!("cannot run {} bytes", frame.len()))?;
        Ok(run.return_value)
    }
}
