//! The ring and the flow table: who is told of at once, who is counted, and what becomes of those for whom there is no
//! room.

use anyhow::{Context as _, Result, bail};
use checker_common::{
    abi::{CANARY_CLASS, RING_BYTES},
    account::ClassAccount,
    alert,
    nat64::Nat64,
    outcome::Outcome,
};
use checker_user::{
    datapath::direction::{Direction, View},
    ranges::spec::ListSpec,
};
use harness::{
    frame::{DOT1Q, Frame},
    lists::{List, Lists},
    prog_run::Kernel,
};
use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

use crate::cases::{ONE, OTHER, allow, drop as dropping, restricted, restricted_v6};

/// More records than the ring can hold, whatever the kernel adds to each; and fewer flows than the table can.
const TOO_MANY: u16 = (RING_BYTES / alert::LENGTH as u32 + 5_000) as u16;

/// Many packets, or flows.
const MANY: u32 = 10_000;

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn the_first_packet_of_a_flow_is_reported_and_the_others_are_counted_in_it() -> Result<()> {
    let (mut kernel, _lists) = kernel_with(&[ONE])?;
    let frame = restricted().bytes();
    kernel.run(&frame, MANY)?;

    let record = kernel.next_record()?.context("no record")?;
    assert!(record.is_folded());
    assert!(kernel.next_record()?.is_none(), "one flow, one record");
    let account = kernel.account(1)?;
    assert_eq!(account, ClassAccount { matched: u64::from(MANY), emitted: 1, ..ClassAccount::default() });
    assert_eq!(kernel.counted(Outcome::Alerted)?, u64::from(MANY));

    let [(key, flow)] = kernel.flows()?[..] else { bail!("it is not one flow") };
    assert_eq!(key, record.flow());
    assert_eq!(flow.packets, u64::from(MANY));
    assert_eq!(flow.bytes, u64::from(MANY) * frame.len() as u64);
    let first = record.circumstances().time;
    assert_eq!(flow.record.circumstances().time, first);
    assert!(flow.last > first, "the last packet came at {}, the first at {first}", flow.last);
    Ok(())
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn what_makes_another_flow() -> Result<()> {
    let (mut kernel, _lists) = kernel_with(&[ONE])?;
    let base = || Frame::between("203.0.113.1", OTHER);
    let frames = [
        base().udp(40_000, 623),
        base().udp(40_001, 623),
        base().udp(40_000, 161),
        base().tcp(40_000, 623),
        base().udp(40_000, 623).tag(DOT1Q, 7),
        base().udp(40_000, 623).tag(DOT1Q, 0),
        Frame::between("203.0.113.2", OTHER).udp(40_000, 623),
        Frame::between("203.0.113.1", "198.51.100.10").udp(40_000, 623),
    ];
    for frame in &frames {
        kernel.run(&frame.clone().bytes(), 2)?;
    }
    let mut urgent = base().udp(40_000, 623).tag(DOT1Q, 7).bytes();
    urgent[14] |= 0xe0;
    kernel.run(&urgent, 2)?;
    // Not the source port, and not the priority of a tag.
    let mut packets: Vec<_> = kernel.flows()?.iter().map(|(_, flow)| flow.packets).collect();
    packets.sort_unstable();
    assert_eq!(packets, [2, 2, 2, 2, 2, 4, 4]);

    kernel.install(&[Lists::new()?.add(&ONE)?])?;
    kernel.run(&base().udp(40_000, 623).bytes(), 1)?;
    assert_eq!(kernel.flows()?.len(), 8, "another generation, another flow");
    let mut records = 0;
    while kernel.next_record()?.is_some() {
        records += 1;
    }
    assert_eq!(records, 8);
    Ok(())
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn the_flags_of_tcp_are_gathered() -> Result<()> {
    let (mut kernel, _lists) = kernel_with(&[ONE])?;
    for flags in [0x02, 0x10, 0x18, 0x11] {
        kernel.run(&Frame::between("203.0.113.1", OTHER).tcp(50_000, 443).flags(flags).bytes(), 1)?;
    }
    assert_eq!(kernel.next_record()?.context("no record")?.tcp_flags(), Some(0x02));
    assert_eq!(kernel.flows()?[0].1.tcp_flags, 0x1b);
    Ok(())
}

/// A source that hit is in the flow table even if its record was lost.
#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn what_the_ring_has_no_room_for_is_in_the_table() -> Result<()> {
    let (mut kernel, _lists) = kernel_with(&[ONE, dropping("TWO", "192.0.2.0/24\n")])?;
    for port in 1..=TOO_MANY {
        kernel.run(&Frame::between("203.0.113.1", OTHER).udp(1, port).bytes(), 1)?;
    }
    let full = kernel.account(1)?;
    assert_eq!(full.matched, u64::from(TOO_MANY));
    assert!(full.emitted < full.matched, "the ring of {RING_BYTES} bytes held {TOO_MANY} records");
    assert_eq!((full.alone, full.ring_full), (0, 0), "each has its flow");
    assert_eq!(kernel.counted(Outcome::Alerted)?, u64::from(TOO_MANY), "a lost record is no lost packet");
    assert_eq!(kernel.flows()?.len(), usize::from(TOO_MANY));

    // A full ring drops no packet, and lets none through.
    assert_eq!(kernel.run(&restricted().bytes(), 1)?, 2, "XDP_PASS");
    assert_eq!(kernel.run(&Frame::between("192.0.2.1", OTHER).bytes(), 1)?, 1, "XDP_DROP");
    assert_eq!(kernel.account(2)?.matched, 1, "each label has an account of its own");

    let (mut read, mut time) = (0, 0);
    while let Some(record) = kernel.next_record()? {
        read += 1;
        let about = record.circumstances();
        assert!(about.time >= time, "record {read} is older than the one before");
        time = about.time;
    }
    assert_eq!(read, full.emitted, "what was emitted can be read");
    let judged = kernel.judge(&restricted_v6().bytes())?;
    assert!(judged.record.is_some(), "there is room again");
    Ok(())
}

/// What the table forgets is what the account calls evicted.
#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn a_small_table_forgets_the_oldest_and_drops_nothing() -> Result<()> {
    const ROOM: u32 = 1024;
    // Each CPU keeps its newest elements to itself (`kernel/bpf/bpf_lru_list.c`): on one that adds no more they stay.
    stay_on_one_cpu()?;
    let view = View { direction: Direction::Ingress, tunnels: true, nat64: Nat64::WELL_KNOWN };
    let mut kernel = Kernel::load_with(&view, ROOM)?;
    let lists = Lists::new()?;
    kernel.install(&[lists.add(&ONE)?])?;
    for port in 1..=MANY as u16 {
        assert_eq!(kernel.run(&Frame::between("203.0.113.1", OTHER).udp(1, port).bytes(), 1)?, 2, "XDP_PASS");
    }
    let flows = kernel.flows()?;
    assert!(flows.len() <= ROOM as usize, "{} flows", flows.len());
    assert!(flows.len() >= ROOM as usize / 2, "{} flows", flows.len());
    let account = kernel.account(1)?;
    assert_eq!(account.matched, u64::from(MANY));
    assert_eq!(account.emitted, u64::from(MANY), "each was told of when it began");
    let last = flows.iter().map(|(_, flow)| flow.record.ports());
    assert!(last.clone().any(|ports| ports == Some((1, MANY as u16))), "the last one is there");
    assert!(last.clone().all(|ports| ports != Some((1, 1))), "the first one is not");
    Ok(())
}

fn stay_on_one_cpu() -> Result<()> {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this)?;
    let first = (0..CpuSet::count()).find(|cpu| allowed.is_set(*cpu).unwrap_or(false)).context("no CPU")?;
    let mut one = CpuSet::new();
    one.set(first)?;
    Ok(sched_setaffinity(this, &one)?)
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn an_exception_has_no_alerts_to_account_for() -> Result<()> {
    let (kernel, _lists) = kernel_with(&[allow("LAB", "203.0.113.0/24\n")])?;
    kernel.run(&restricted().bytes(), 10)?;
    assert_eq!(kernel.counted(Outcome::Allowed)?, 10);
    assert_eq!(kernel.account(1)?, ClassAccount::default());
    Ok(())
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn the_last_label_that_fits_alerts_and_the_next_one_changes_nothing() -> Result<()> {
    let mut kernel = Kernel::load()?;
    let lists = Lists::new()?;
    let spec = |number: u32| -> Result<ListSpec> {
        let [_, _, high, low] = number.to_be_bytes();
        lists.add_text(&format!("L{number}"), &format!("198.18.{high}.{low}\n"))
    };
    let last = CANARY_CLASS - 1;
    kernel.install(&(1..=last).map(spec).collect::<Result<Vec<_>>>()?)?;
    let [_, _, high, low] = last.to_be_bytes();
    let frame = Frame::between(&format!("198.18.{high}.{low}"), OTHER).bytes();
    let record = kernel.judge(&frame)?.record.context("no record")?;
    assert_eq!(record.circumstances().class, last);
    assert_eq!(kernel.account(last)?.emitted, 1);

    let refusal = kernel.install(&[spec(CANARY_CLASS)?]).err().context("there was room for one more")?;
    assert!(format!("{refusal:#}").contains("more than 1022 labels"), "{refusal:#}");
    assert_eq!(kernel.judge(&frame)?.outcome, Outcome::Alerted);
    Ok(())
}

fn kernel_with(lists: &[List]) -> Result<(Kernel, Lists)> {
    let mut kernel = Kernel::load()?;
    let folder = Lists::new()?;
    let specs: Vec<_> = lists.iter().map(|list| folder.add(list)).collect::<Result<_>>()?;
    kernel.install(&specs)?;
    Ok((kernel, folder))
}
