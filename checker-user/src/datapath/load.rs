//! Object → program and maps in the kernel. Nothing is attached yet.

use anyhow::Context as _;
use aya::{
    Ebpf, EbpfLoader,
    maps::{Map, MapData, RingBuf},
    programs::Xdp,
};
use checker_common::abi;

use super::{counters::Counters, object};
use crate::ranges::{install::Installer, lay::Places};

/// The loaded program and its maps, each with the one who uses it.
pub struct Datapath {
    /// Owns the program; links are made through [`Datapath::program`].
    pub ebpf: Ebpf,
    /// Puts generations into the tries.
    pub installer: Installer,
    /// Where the records come out.
    pub alerts: RingBuf<MapData>,
    /// Packets by outcome, accounts by class.
    pub counters: Counters,
}

/// Loads the program; `kernel_log` takes the object that also writes log lines.
///
/// # Errors
///
/// The map or program that the kernel refused, with the kernel's words.
pub fn load(kernel_log: bool) -> anyhow::Result<Datapath> {
    let object = if kernel_log { object::KERNEL_LOG } else { object::DEFAULT };
    let mut ebpf = EbpfLoader::new().load(object).context("the kernel refused the object's maps")?;
    let program: &mut Xdp = ebpf.program_mut(abi::PROGRAM).context("no program in the object")?.try_into()?;
    program.load().context("the kernel refused the program")?;
    let installer = Installer::new(
        Places::new(take(&mut ebpf, abi::INDEX_V4)?).context("IPv4 index")?,
        Places::new(take(&mut ebpf, abi::INDEX_V6)?).context("IPv6 index")?,
        take(&mut ebpf, abi::RANGES_V4)?.try_into()?,
        take(&mut ebpf, abi::RANGES_V6)?.try_into()?,
        take(&mut ebpf, abi::CLASSES)?.try_into()?,
        take(&mut ebpf, abi::ACTIVE)?.try_into()?,
    );
    let alerts = take(&mut ebpf, abi::ALERTS)?.try_into()?;
    let counters = Counters::new(
        take(&mut ebpf, abi::OUTCOMES)?.try_into()?,
        take(&mut ebpf, abi::ACCOUNTS)?.try_into()?,
    );
    Ok(Datapath { ebpf, installer, alerts, counters })
}

impl Datapath {
    /// The XDP program.
    ///
    /// # Errors
    ///
    /// When the object has no program of that name, which the build rules out.
    pub fn program(&mut self) -> anyhow::Result<&mut Xdp> {
        Ok(self.ebpf.program_mut(abi::PROGRAM).context("no program in the object")?.try_into()?)
    }
}

fn take(ebpf: &mut Ebpf, name: &str) -> anyhow::Result<Map> {
    ebpf.take_map(name).with_context(|| format!("no map {name} in the object"))
}
