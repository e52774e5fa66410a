//! Object → program and maps in the kernel. Nothing is attached yet.

use anyhow::Context as _;
use aya::{
    Ebpf, EbpfLoader,
    maps::{Map, MapData, PerCpuArray, RingBuf},
    programs::{SchedClassifier, Xdp},
};
use checker_common::abi;

use super::{counters::Counters, direction::View, flows::FlowTable, object, pins::Pins, ring};
use crate::ranges::{install::Installer, lay::Places};

/// The loaded program and its maps, each with the one who uses it.
pub struct Datapath {
    /// Owns the program; links are made through [`xdp`] and [`classifier`].
    pub ebpf: Ebpf,
    /// Puts generations into the tries.
    pub installer: Installer,
    /// Where the records come out.
    pub alerts: RingBuf<MapData>,
    /// Records that were read out of it before.
    pub consumed: u64,
    /// Where the heads of packets come out.
    pub evidence: RingBuf<MapData>,
    /// How many found no room there.
    pub evidence_lost: PerCpuArray<MapData, u64>,
    /// Packets by outcome, accounts by class.
    pub counters: Counters,
    /// Restricted flows.
    pub flows: FlowTable,
}

/// Loads the programs that `view` asks for; `kernel_log` takes the object that also writes log lines.
///
/// # Errors
///
/// The map or program that the kernel refused, with the kernel's words.
pub fn load(kernel_log: bool, view: &View) -> anyhow::Result<Datapath> {
    load_with(kernel_log, view, abi::FLOW_COUNT)
}

/// The same with room for so many flows.
///
/// # Errors
///
/// The same.
pub fn load_with(kernel_log: bool, view: &View, flows: u32) -> anyhow::Result<Datapath> {
    load_over(kernel_log, view, flows, false, None)
}

/// The same, taking evidence or not, over the maps that are pinned, or with maps that are pinned then.
///
/// # Errors
///
/// The same.
pub fn load_over(
    kernel_log: bool,
    view: &View,
    flows: u32,
    evidence: bool,
    pins: Option<&Pins>,
) -> anyhow::Result<Datapath> {
    let object = if kernel_log { object::KERNEL_LOG } else { object::DEFAULT };
    let (tunnels, mirror) = (u8::from(view.tunnels), u8::from(view.direction.mirror()));
    let room = if evidence { abi::EVIDENCE_BYTES } else { abi::EVIDENCE_UNUSED };
    let takes = u8::from(evidence);
    let found = pins.map(|pins| pins.found_maps(evidence)).unwrap_or_default();
    let mut loader = EbpfLoader::new();
    for (name, path) in &found {
        loader.map_pin_path(name, path);
    }
    let mut ebpf = loader
        .override_global(abi::TUNNELS, &tunnels, true)
        .override_global(abi::MIRROR, &mirror, true)
        .override_global(abi::TAKE_EVIDENCE, &takes, true)
        .override_global(abi::NAT64, &view.nat64, true)
        .map_max_entries(abi::FLOWS, flows)
        .map_max_entries(abi::EVIDENCE, room)
        .load(object)
        .context("the kernel refused the object's maps")?;
    if view.direction.incoming() {
        xdp(&mut ebpf)?.load().context("the kernel refused the program")?;
    }
    if view.direction.outgoing() {
        classifier(&mut ebpf)?.load().context("the kernel refused the program for outgoing packets")?;
    }
    if let Some(pins) = pins {
        pins.keep_maps(&ebpf, evidence)?;
    }
    let installer = Installer::new(
        Places::new(take(&mut ebpf, abi::INDEX_V4)?).context("IPv4 index")?,
        Places::new(take(&mut ebpf, abi::INDEX_V6)?).context("IPv6 index")?,
        take(&mut ebpf, abi::RANGES_V4)?.try_into()?,
        take(&mut ebpf, abi::RANGES_V6)?.try_into()?,
        take(&mut ebpf, abi::CLASSES)?.try_into()?,
        take(&mut ebpf, abi::ACTIVE)?.try_into()?,
    );
    let alerts = take(&mut ebpf, abi::ALERTS)?;
    let consumed = ring::consumed(&alerts).context("cannot read the ring's position")?;
    let alerts = alerts.try_into()?;
    let evidence = take(&mut ebpf, abi::EVIDENCE)?.try_into()?;
    let evidence_lost = take(&mut ebpf, abi::EVIDENCE_LOST)?.try_into()?;
    let counters = Counters::new(
        take(&mut ebpf, abi::OUTCOMES)?.try_into()?,
        take(&mut ebpf, abi::ACCOUNTS)?.try_into()?,
    );
    let flows = FlowTable::new(take(&mut ebpf, abi::FLOWS)?.try_into()?);
    Ok(Datapath { ebpf, installer, alerts, consumed, evidence, evidence_lost, counters, flows })
}

/// The XDP program.
///
/// # Errors
///
/// When the object has no program of that name, which the build rules out.
pub fn xdp(ebpf: &mut Ebpf) -> anyhow::Result<&mut Xdp> {
    Ok(ebpf.program_mut(abi::PROGRAM).context("no XDP program in the object")?.try_into()?)
}

/// The program for outgoing packets.
///
/// # Errors
///
/// When the object has no program of that name, which the build rules out.
pub fn classifier(ebpf: &mut Ebpf) -> anyhow::Result<&mut SchedClassifier> {
    Ok(ebpf.program_mut(abi::EGRESS_PROGRAM).context("no classifier in the object")?.try_into()?)
}

/// The program for incoming packets behind XDP.
///
/// # Errors
///
/// When the object has no program of that name, which the build rules out.
pub fn receiving(ebpf: &mut Ebpf) -> anyhow::Result<&mut SchedClassifier> {
    Ok(ebpf
        .program_mut(abi::INGRESS_PROGRAM)
        .context("no classifier for ingress in the object")?
        .try_into()?)
}

fn take(ebpf: &mut Ebpf, name: &str) -> anyhow::Result<Map> {
    ebpf.take_map(name).with_context(|| format!("no map {name} in the object"))
}
