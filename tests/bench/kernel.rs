//! The bench object in the kernel: one list installed as checker installs it, one table of addresses, and runs.

use std::{net::IpAddr, os::fd::AsFd as _, sync::Arc, time::SystemTime};

use anyhow::{Context as _, Result, ensure};
use aya::{
    Ebpf, EbpfLoader,
    maps::{Array, IterableMap as _, Map, MapData},
    programs::{TestRun as _, TestRunAttrs, TestRunOptions, Xdp},
};
use checker_common::abi;
use checker_user::{
    datapath::object,
    ranges::{
        action::Action,
        batch,
        classes::Classes,
        compile::{Compiled, compile},
        generation::Generation,
        install::{Installer, prepare},
        lay::Places,
        merge::merge,
        parse::{List, parse},
        source::Source,
    },
};

/// Addresses in the table.
pub(crate) const COUNT: usize = 1 << 20;

/// Elements of a batch: the kernel copies them one by one anyway.
const BATCH: usize = 1 << 16;

/// A list as checker compiles it; `allow`, so that what is measured is verdict and counters, not the ring.
pub(crate) fn compiled(lists: &[String]) -> Result<(Compiled, Classes)> {
    compiled_as(Action::Allow, lists)
}

/// The same with another action.
pub(crate) fn compiled_as(action: Action, lists: &[String]) -> Result<(Compiled, Classes)> {
    let list = |(number, text): (usize, &String)| -> Result<Arc<List>> {
        let mut spec: checker_user::ranges::spec::ListSpec = format!("L{number}=list.txt").parse()?;
        spec.action = action;
        Ok(Arc::new(parse(&Source { spec, bytes: text.clone().into(), sha256: [0; 32] })?))
    };
    let lists = lists.iter().enumerate().map(list).collect::<Result<_>>()?;
    let mut classes = Classes::default();
    let compiled = compile(merge(lists, &mut classes)?);
    Ok((compiled, classes))
}

/// The loaded object with one list in force.
pub(crate) struct Kernel {
    pub(crate) ebpf: Ebpf,
    pub(crate) generation: Generation,
    installer: Installer,
}

impl Kernel {
    pub(crate) fn new(compiled: Compiled, classes: &Classes) -> Result<Self> {
        let mut ebpf =
            EbpfLoader::new().load(object::BENCH).context("the kernel refused the bench object")?;
        for (name, program) in ebpf.programs_mut() {
            let program: &mut Xdp = program.try_into()?;
            program.load().with_context(|| format!("the kernel refused the program {name}"))?;
        }
        let mut take = |name| ebpf.take_map(name).with_context(|| format!("no map {name} in the object"));
        let mut installer = Installer::new(
            Places::new(take(abi::INDEX_V4)?)?,
            Places::new(take(abi::INDEX_V6)?)?,
            take(abi::RANGES_V4)?.try_into()?,
            take(abi::RANGES_V6)?.try_into()?,
            take(abi::CLASSES)?.try_into()?,
            take(abi::ACTIVE)?.try_into()?,
        );
        let prepared = prepare(&compiled)?;
        let generation = Generation { number: 1, compiled, loaded_at: SystemTime::now() };
        installer.switch(prepared, &generation, classes)?;
        Ok(Self { ebpf, generation, installer })
    }

    /// Replaces the list in force.
    pub(crate) fn switch(&mut self, generation: Generation, classes: &Classes) -> Result<()> {
        let prepared = prepare(&generation.compiled)?;
        self.installer.switch(prepared, &generation, classes)?;
        self.generation = generation;
        Ok(())
    }

    /// Lets go of the list before it, slowly.
    pub(crate) fn settle(&mut self) -> Result<()> {
        self.installer.settle(&self.generation)
    }

    pub(crate) fn map(&self, name: &str) -> Result<&Map> {
        self.ebpf.map(name).with_context(|| format!("no map {name} in the object"))
    }

    pub(crate) fn program(&self, name: &str) -> Result<&Xdp> {
        Ok(self.ebpf.program(name).with_context(|| format!("no program {name}"))?.try_into()?)
    }

    /// Fills the table of addresses; fewer than it holds are repeated.
    pub(crate) fn addresses(&self, addresses: &[IpAddr]) -> Result<()> {
        let table: Array<&MapData, [u8; 16]> = self.map("ADDRESSES")?.try_into()?;
        let octets = |address: &IpAddr| match address {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            }
            IpAddr::V6(v6) => v6.octets(),
        };
        let octets: Vec<[u8; 16]> = addresses.iter().cycle().take(COUNT).map(octets).collect();
        let keys: Vec<u32> = (0..COUNT as u32).collect();
        for (keys, octets) in keys.chunks(BATCH).zip(octets.chunks(BATCH)) {
            let done = batch::update(table.map().fd().as_fd(), keys, octets);
            ensure!(done.error.is_none(), "cannot fill the table: {:?}", done.error);
        }
        Ok(())
    }

    /// Runs a program so often, and says how long one run took.
    pub(crate) fn run(&self, program: &str, frame: &[u8], times: u32, live: bool) -> Result<f64> {
        let mut options = TestRunOptions { data_in: Some(frame), repeat: times, ..TestRunOptions::new() };
        if live {
            options.attrs = TestRunAttrs::new().xdp_live_frames(64);
        }
        let result = self.program(program)?.test_run(options);
        Ok(result.with_context(|| format!("cannot run {program}"))?.duration.as_secs_f64() * 1e9)
    }
}
