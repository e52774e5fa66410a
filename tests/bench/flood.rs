//! A flood from one restricted source on one core: what a verdict costs on the other core meanwhile, and whether the
//! counters have every packet.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, anyhow, ensure};
use aya::maps::RingBuf;
use checker_common::{abi, outcome::Outcome};
use checker_user::{datapath::counters::Counters, ranges::action::Action};
use serde_json::json;

use crate::{
    Classify,
    core::pin,
    kernel::{Kernel, compiled_as},
    lists::clustered,
    path::frame,
    report::{Report, Spread},
    traffic::{Traffic, addresses},
};

/// Where a plain frame has its IPv4 source.
const SOURCE: usize = 26;

/// Packets of the flood between two readings of the ring: more than it holds, so that it is full for a part of them.
const CHUNK: u32 = 50_000;

/// What the flood did.
struct Flood {
    packets: u64,
    records: u64,
    seconds: f64,
}

pub(crate) fn measure(options: &Classify, report: &mut Report) -> Result<()> {
    if thread::available_parallelism().context("how many cores?")?.get() < 2 {
        report.fact("not measured", json!("a flood beside verdicts: it takes two cores"));
        return Ok(());
    }
    let (compiled, classes) = compiled_as(Action::Alert, &[clustered(false, 20_000, 1)])?;
    let mut kernel = Kernel::new(compiled, &classes)?;
    let mut ring = RingBuf::try_from(kernel.take(abi::ALERTS)?)?;
    let counters =
        Counters::new(kernel.take(abi::OUTCOMES)?.try_into()?, kernel.take(abi::ACCOUNTS)?.try_into()?);
    let table = &kernel.generation.compiled.v4;
    let mut restricted = frame(false);
    let key = table.ranges()[table.len() / 2].key;
    restricted[SOURCE..SOURCE + 4].copy_from_slice(&((key >> 96) as u32).to_be_bytes());
    kernel.addresses(&addresses(table, false, Traffic::Misses, 3))?;

    let misses = frame(false);
    let mut samples = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
    let mut total = Flood { packets: 0, records: 0, seconds: 0.0 };
    for _ in 0..options.rounds {
        for (flooded, samples) in samples.iter_mut().enumerate() {
            let stop = AtomicBool::new(flooded == 0);
            thread::scope(|scope| -> Result<()> {
                let flood = scope.spawn(|| flood(&kernel, &restricted, &mut ring, &stop));
                let measured =
                    [("verdict_v4", 0), ("whole_v4", 1)].into_iter().try_for_each(|(program, at)| {
                        samples[at].push(kernel.run(program, &misses, options.packets, false)?);
                        anyhow::Ok(())
                    });
                stop.store(true, Relaxed);
                let flood = flood.join().map_err(|_| anyhow!("the flood failed"))??;
                total.packets += flood.packets;
                total.records += flood.records;
                total.seconds += flood.seconds;
                measured
            })?;
        }
    }
    let [quiet, flooded] = samples.map(|pair| pair.map(|all| Spread::of(all).median));
    report.fact(
        "flood: matching packets a second on one core",
        json!((total.packets as f64 / total.seconds) as u64),
    );
    for (at, name) in ["verdict", "whole"].into_iter().enumerate() {
        report.fact(
            &format!("flood: ns a miss on the other core, {name}"),
            json!({ "before": quiet[at].round(), "during": flooded[at].round(), "slower": flooded[at] / quiet[at] }),
        );
    }
    account(&counters, &total, report)
}

/// Every packet of the flood is counted, and their flow has its record.
fn account(counters: &Counters, flood: &Flood, report: &mut Report) -> Result<()> {
    let alerted = counters.outcomes()?[Outcome::Alerted.index() as usize];
    let account = counters.account(1)?;
    report.fact(
        "flood: account",
        json!({ "sent": flood.packets, "alerted": alerted, "matched": account.matched,
                "emitted": account.emitted, "read": flood.records, "ring full": account.ring_full }),
    );
    ensure!(
        alerted == flood.packets
            && account.matched == flood.packets
            && account.emitted == flood.records
            && account.ring_full == 0,
        "the counters lost packets of the flood"
    );
    Ok(())
}

/// Sends until it is told to stop, and reads the ring between chunks.
fn flood(
    kernel: &Kernel,
    restricted: &[u8],
    ring: &mut RingBuf<aya::maps::MapData>,
    stop: &AtomicBool,
) -> Result<Flood> {
    pin(0)?;
    let mut done = Flood { packets: 0, records: 0, seconds: 0.0 };
    while !stop.load(Relaxed) {
        let begun = Instant::now();
        kernel.run("checker", restricted, CHUNK, false)?;
        done.seconds += begun.elapsed().as_secs_f64();
        done.packets += u64::from(CHUNK);
        while ring.next().is_some() {
            done.records += 1;
        }
    }
    Ok(done)
}
