//! The table in the kernel: `BPF_PROG_TEST_RUN` with each frame. Also that the record of a packet says what the host's
//! parser says of it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use aya::util::KernelVersion;
use checker_common::{alert::AlertRecord, outcome::Outcome};
use checker_user::{
    alerts::describe::{Clock, Share, describe},
    ranges::action::Action,
};
use harness::{
    lists::{List, Lists},
    prog_run::{Kernel, SHORTEST},
    require,
};

use crate::{
    cases::{Case, Look, restricted, try_each},
    host::{self, address, addresses, gravest, met, parsed},
};

/// `uapi/linux/bpf.h`.
const XDP_PASS: u32 = 2;
/// The loopback interface, on which the kernel pretends that a frame of a test run has come in.
const LOOPBACK: u32 = 1;

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn every_case() -> Result<()> {
    let mut ready = Ready::default();
    try_each("in the kernel", runs, |case| judge(case, None, &mut ready))
}

/// A driver may put headers and data into different buffers, of which the program can only read the first directly.
#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn every_case_with_nothing_but_ethernet_in_the_linear_part() -> Result<()> {
    require::root()?;
    // Kernels before 6.18 cannot be asked for that, and no kernel for what goes out.
    if KernelVersion::current()? < KernelVersion::new(6, 18, 0) {
        return Ok(());
    }
    let mut ready = Ready::default();
    let head = Some(u32::try_from(SHORTEST)?);
    let incoming = |case: &Case| runs(case) && case.look != Look::Outgoing;
    try_each("in the kernel, in pieces", incoming, |case| judge(case, head, &mut ready))
}

/// Whether the kernel runs a program on so short a frame.
fn runs(case: &Case) -> bool {
    case.frame.len() >= SHORTEST
}

/// Why the shortest cases are left to the host.
#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn the_kernel_runs_no_program_on_less_than_an_ethernet_header() -> Result<()> {
    let kernel = Kernel::load()?;
    let frame = restricted().bytes();
    assert!(kernel.run(&frame[..SHORTEST - 1], 1).is_err());
    assert_eq!(kernel.run(&frame[..SHORTEST], 1)?, XDP_PASS);
    Ok(())
}

/// The program of the case before, with its lists: most have the same, and loading it takes longest.
#[derive(Default)]
struct Ready(Option<(Look, Vec<List>, Kernel)>);

impl Ready {
    fn take(&mut self, case: &Case) -> Result<Kernel> {
        let mut kernel = match self.0.take() {
            Some((look, lists, kernel)) if (look, &lists) == (case.look, &case.lists) => return Ok(kernel),
            Some((look, lists, mut kernel)) if look == case.look && look != Look::NoActions => {
                let labels: BTreeSet<_> = lists.iter().map(|list| list.label).collect();
                labels.into_iter().try_for_each(|label| kernel.unload(label).map(drop))?;
                kernel
            }
            _ => Kernel::load_for(&case.look.view())?,
        };
        let lists = Lists::new()?;
        let specs: Vec<_> = case.lists.iter().map(|list| lists.add(list)).collect::<Result<_>>()?;
        if !specs.is_empty() {
            kernel.install(&specs)?;
        }
        if case.look == Look::NoActions {
            kernel.forget_actions()?;
        }
        Ok(kernel)
    }
}

fn judge(case: &Case, head: Option<u32>, ready: &mut Ready) -> Result<()> {
    let mut kernel = ready.take(case)?;
    let judged = kernel.judge_split(&case.frame, head)?;
    ensure!(judged.outcome == case.outcome, "is {}, not {}", judged.outcome.name(), case.outcome.name());
    ensure!(judged.dropped == (case.outcome == Outcome::Dropped), "dropped: {}", judged.dropped);
    let reported = matches!(case.outcome, Outcome::Alerted | Outcome::Dropped);
    ensure!(judged.record.is_some() == reported, "the record is {:?}", judged.record);
    if let Some(record) = &judged.record {
        compare(case, record, &kernel)?;
    }
    // Only one that did as it should is used again.
    ready.0 = Some((case.look, case.lists.clone(), kernel));
    Ok(())
}

/// Field by field: what the record says, and what the host makes of the same frame and lists.
fn compare(case: &Case, record: &AlertRecord, kernel: &Kernel) -> Result<()> {
    let packet = parsed(case);
    let outer = packet.outer().context("the host finds no addresses")?;
    let (source, destination) = addresses(outer);
    ensure!(record.addresses() == [source, destination], "addresses {:?}", record.addresses());
    let ports = outer.ports().map(|ports| [ports.source, ports.destination].map(u16::from_be_bytes));
    ensure!(record.ports().map(<[u16; 2]>::from) == ports, "ports {:?}", record.ports());
    ensure!(record.protocol() == outer.protocol(), "protocol {}", record.protocol());
    ensure!(record.tcp_flags() == outer.tcp_flags(), "TCP flags {:?}", record.tcp_flags());
    ensure!(record.icmp_type() == outer.icmp_type(), "ICMP type {:?}", record.icmp_type());
    ensure!(record.is_folded(), "no flow stands behind it");
    ensure!(record.is_arp() == outer.is_arp(), "ARP {}", record.is_arp());
    ensure!(record.ethernet() == packet.ethernet, "{:?}", record.ethernet());
    let tags = packet.tags.tci.iter().take(packet.tags.count.into());
    let vlans: Vec<_> = tags.map(|tci| u16::from_be_bytes(*tci) & 0x0fff).collect();
    ensure!(record.vlans().eq(vlans.iter().copied()), "vlans {:?}", record.vlans().collect::<Vec<_>>());

    let about = record.circumstances();
    ensure!(about.length as usize == case.frame.len(), "{} bytes", about.length);
    let outgoing = case.look == Look::Outgoing;
    ensure!(about.outgoing == outgoing, "outgoing: {}", about.outgoing);
    ensure!(about.interface == LOOPBACK, "interface {}", about.interface);
    ensure!(about.time > 0, "no time");
    let generation = kernel.records.active().context("no generation is active")?;
    ensure!(about.generation == generation.number, "generation {}", about.generation);
    let found = gravest(&generation, &packet, case.look).context("the host finds no range")?;
    let (candidate, range) = found;
    ensure!(record.matched() == address(&candidate), "matched {}", record.matched());
    let place = (record.side(), record.via(), record.is_inner());
    ensure!(place == (candidate.side, candidate.via, candidate.inner), "matched at {place:?}");
    ensure!(about.class == range.class, "class {}, not {}", about.class, range.class);
    ensure!(u32::from(about.action) == range.action.value(), "action {}", about.action);
    ensure!(range.action != Action::Allow, "an exception was reported");

    let meets = met(&generation, &found);
    ensure!(meets == case.meets, "the host says it met {meets:?}");

    let alert = describe(record, Share::one(record), 1, &Clock::read()?, &*kernel.records.lock())
        .context("no such class")?;
    let place = host::place(record.side(), record.is_inner(), record.via());
    let named = format!("{} {}{place}", alert.checker.label, alert.checker.prefix.unwrap_or_default());
    ensure!(named == meets, "the alert names {named:?}");
    Ok(())
}
