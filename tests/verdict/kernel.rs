//! The table in the kernel: `BPF_PROG_TEST_RUN` with each frame. Also that the record of a packet says what the host's
//! parser says of it.

use anyhow::{Context as _, Result, bail, ensure};
use checker_common::{alert::AlertRecord, outcome::Outcome, parse::parse};
use checker_user::{
    alerts::describe::{Clock, describe},
    ranges::action::Action,
};
use harness::{
    lists::Lists,
    prog_run::{Kernel, SHORTEST},
};

use crate::{
    cases::{self, Case, restricted, try_each},
    host::{address, addresses, gravest, met},
};

/// `uapi/linux/bpf.h`.
const XDP_DROP: u32 = 1;
/// `uapi/linux/bpf.h`.
const XDP_PASS: u32 = 2;
/// The loopback interface, on which the kernel pretends that a frame of a test run has come in.
const LOOPBACK: u32 = 1;

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn ethernet() -> Result<()> {
    try_each(&cases::ethernet::cases(), judge)
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn vlan() -> Result<()> {
    try_each(&cases::vlan::cases(), judge)
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn ipv4() -> Result<()> {
    try_each(&cases::ipv4::cases(), judge)
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn ipv6() -> Result<()> {
    try_each(&cases::ipv6::cases(), judge)
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn decide() -> Result<()> {
    try_each(&cases::decide::cases(), judge)
}

/// Why `judge` may leave the shortest cases to the host.
#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn the_kernel_runs_no_program_on_less_than_an_ethernet_header() -> Result<()> {
    let kernel = Kernel::load()?;
    let frame = restricted().bytes();
    assert!(kernel.run(&frame[..SHORTEST - 1], 1).is_err());
    assert_eq!(kernel.run(&frame[..SHORTEST], 1)?, XDP_PASS);
    Ok(())
}

fn judge(case: &Case) -> Result<()> {
    if case.frame.len() < SHORTEST {
        return Ok(());
    }
    let mut kernel = Kernel::load()?;
    let lists = Lists::new()?;
    let specs: Vec<_> = case.lists.iter().map(|list| lists.add(list)).collect::<Result<_>>()?;
    if !specs.is_empty() {
        kernel.install(&specs)?;
    }
    let judged = kernel.judge(&case.frame)?;
    ensure!(judged.outcome == case.outcome, "is {}, not {}", judged.outcome.name(), case.outcome.name());
    let expected = if case.outcome == Outcome::Dropped { XDP_DROP } else { XDP_PASS };
    ensure!(judged.xdp_action == expected, "the driver was told {}", judged.xdp_action);
    let reported = matches!(case.outcome, Outcome::Alerted | Outcome::Dropped);
    ensure!(judged.record.is_some() == reported, "the record is {:?}", judged.record);
    judged.record.map_or(Ok(()), |record| compare(case, &record, &kernel))
}

/// Field by field: what the record says, and what the host makes of the same frame and lists.
fn compare(case: &Case, record: &AlertRecord, kernel: &Kernel) -> Result<()> {
    let Ok(packet) = parse(case.frame.as_slice()) else { bail!("the host finds no addresses") };
    let outer = packet.outer().context("the host finds no addresses")?;
    let (source, destination) = addresses(outer);
    ensure!(record.addresses() == [source, destination], "addresses {:?}", record.addresses());
    let ports = outer.ports().map(|ports| [ports.source, ports.destination].map(u16::from_be_bytes));
    ensure!(record.ports().map(<[u16; 2]>::from) == ports, "ports {:?}", record.ports());
    ensure!(record.protocol() == outer.protocol(), "protocol {}", record.protocol());
    ensure!(record.is_arp() == outer.is_arp(), "ARP {}", record.is_arp());
    ensure!(record.ethernet() == packet.ethernet, "{:?}", record.ethernet());
    let tags = packet.tags.tci.iter().take(packet.tags.count.into());
    let vlans: Vec<_> = tags.map(|tci| u16::from_be_bytes(*tci) & 0x0fff).collect();
    ensure!(record.vlans().eq(vlans.iter().copied()), "vlans {:?}", record.vlans().collect::<Vec<_>>());

    let about = record.circumstances();
    ensure!(about.length as usize == case.frame.len(), "{} bytes", about.length);
    ensure!(about.interface == LOOPBACK, "interface {}", about.interface);
    ensure!(about.time > 0, "no time");
    let generation = kernel.records.active().context("no generation is active")?;
    ensure!(about.generation == generation.number, "generation {}", about.generation);
    let found = gravest(&generation, &packet).context("the host finds no range")?;
    let (candidate, range) = found;
    ensure!(record.matched() == address(&candidate), "matched {}", record.matched());
    let place = (record.side(), record.via(), record.is_inner());
    ensure!(place == (candidate.side, candidate.via, candidate.inner), "matched at {place:?}");
    ensure!(about.class == range.class, "class {}, not {}", about.class, range.class);
    ensure!(u32::from(about.action) == range.action.value(), "action {}", about.action);
    ensure!(range.action != Action::Allow, "an exception was reported");

    let meets = met(&generation, &found);
    ensure!(meets == case.meets, "the host says it met {meets:?}");

    let alert = describe(record, 1, &Clock::read()?, &*kernel.records.lock()).context("no such class")?;
    let via = record.via().name().map_or(String::new(), |via| format!(" via {via}"));
    let named = format!("{} {}{via}", alert.checker.label, alert.checker.prefix.unwrap_or_default());
    ensure!(named == meets, "the alert names {named:?}");
    Ok(())
}
