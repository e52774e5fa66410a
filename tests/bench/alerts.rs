//! `cargo xtask bench alerts`: what comes behind a verdict, all of it on one core: what a repeated restricted packet costs
//! in the kernel, how fast records leave the ring and become flows, how fast the sweep reads the flow table, and how fast
//! alerts become lines of EVE in a file.

use std::{
    fs::{self, File},
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, Result, ensure};
use aya::maps::{MapData, RingBuf};
use checker_common::{abi, alert::AlertRecord};
use checker_user::{
    alerts::{
        describe::{Clock, Share, describe},
        event::Event,
        write::{Format, sink::sinks::Sinks},
    },
    daemon::{flows::Flows, records::Records},
    datapath::flows::{Chunk, FlowTable},
    ranges::{action::Action, generation::Generation},
};
use nix::time::{ClockId, clock_gettime};
use serde_json::json;

use crate::{
    core::pin,
    kernel::{Kernel, compiled_as},
    lists::clustered,
    path::frame,
    report::{Spread, say},
    traffic::{Traffic, addresses},
};

/// Packets that are run between two readings of the ring: their records fill most of it.
const FILL: u32 = 32_768;

/// Lines that are handed over at once: half of what a sink's queue holds.
const HANDED: usize = 32_768;

#[derive(Debug, clap::Args)]
pub(crate) struct Alerts {
    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Records of a round
    #[arg(long, default_value_t = 1 << 19)]
    records: usize,
    /// Where the JSON goes
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
}

/// What is measured, a figure a round.
#[derive(Default)]
struct Figures {
    /// Nanoseconds a packet: the verdict, and all of it for a source that is known already.
    verdict: Vec<f64>,
    repeated: Vec<f64>,
    added: Vec<f64>,
    /// So many a second.
    records: Vec<f64>,
    flows: Vec<f64>,
    described: Vec<f64>,
    lines: Vec<f64>,
    whole: Vec<f64>,
}

pub(crate) fn measure(options: &Alerts) -> Result<()> {
    // Before any thread is made: they stay on it too.
    pin(0)?;
    let list = || compiled_as(Action::Alert, &[clustered(false, 20_000, 1)]);
    let (compiled, classes) = list()?;
    let records = Records::default();
    let generation = Generation { number: 1, compiled: list()?.0, loaded_at: SystemTime::now() };
    records.announce(Arc::new(generation), classes.clone());
    records.activate(1);
    let mut kernel = Kernel::new(compiled, &classes)?;
    let mut ring = RingBuf::try_from(kernel.take(abi::ALERTS)?)?;
    let table = FlowTable::new(kernel.take(abi::FLOWS)?.try_into()?);
    let mut figures = Figures::default();
    for _ in 0..options.rounds {
        repeated(&kernel, &mut figures)?;
        while ring.next().is_some() {}
        let taken = from_ring(&kernel, &mut ring, options.records, &mut figures)?;
        swept(&table, &mut figures)?;
        written(&taken, &records, &mut figures)?;
    }
    report(&figures, options)
}

/// One source, known since its first packet.
fn repeated(kernel: &Kernel, figures: &mut Figures) -> Result<()> {
    const PACKETS: u32 = 1 << 19;
    kernel.addresses(&addresses(&kernel.generation.compiled.v4, false, Traffic::Flood, 3))?;
    let [verdict, whole] =
        ["verdict_v4", "whole_v4"].map(|program| kernel.run(program, &frame(false), PACKETS, false));
    let (verdict, whole) = (verdict?, whole?);
    figures.verdict.push(verdict);
    figures.repeated.push(whole);
    figures.added.push(whole - verdict);
    Ok(())
}

/// Records of as many flows: out of the ring, decoded, and into what the daemon knows of flows.
fn from_ring(
    kernel: &Kernel,
    ring: &mut RingBuf<MapData>,
    wanted: usize,
    figures: &mut Figures,
) -> Result<Vec<AlertRecord>> {
    kernel.addresses(&addresses(&kernel.generation.compiled.v4, false, Traffic::Hits, 4))?;
    let mut kept = Vec::with_capacity(wanted + FILL as usize);
    let (mut seconds, mut count) = (0.0, 0);
    // The daemon forgets the flows that the kernel has let go of; the kernel keeps two rings full of them.
    let (mut flows, mut fills) = (Flows::default(), 0);
    while count < wanted {
        kernel.run("whole_v4", &frame(false), FILL, false)?;
        if fills % 2 == 0 {
            flows = Flows::default();
        }
        fills += 1;
        let before = kept.len();
        let began = cpu()?;
        while let Some(bytes) = ring.next() {
            let record =
                AlertRecord::decode(&bytes).map_err(|why| anyhow::anyhow!("undecodable: {why:?}"))?;
            if flows.first(record.flow(), &record).is_some() {
                kept.push(record);
            }
        }
        seconds += cpu()? - began;
        ensure!(kept.len() > before, "the ring is empty");
        count += kept.len() - before;
    }
    figures.records.push(count as f64 / seconds);
    Ok(kept)
}

/// The whole flow table, into what the daemon knows of flows.
fn swept(table: &FlowTable, figures: &mut Figures) -> Result<()> {
    let (mut flows, mut chunk, mut count) = (Flows::default(), Chunk::default(), 0);
    let began = cpu()?;
    loop {
        let more = table.read(&mut chunk)?;
        for (key, value) in chunk.keys.iter().zip(&chunk.values) {
            flows.swept(*key, value);
        }
        count += chunk.keys.len() as u32;
        if !more {
            break;
        }
    }
    figures.flows.push(f64::from(count) / (cpu()? - began));
    Ok(())
}

/// Records → alerts → lines in a file, through the sink that the daemon has for it.
fn written(taken: &[AlertRecord], records: &Records, figures: &mut Figures) -> Result<()> {
    let file = tempfile::tempfile()?;
    let terminal = std::io::stdout();
    let own = nix::unistd::dup(&terminal)?;
    nix::unistd::dup2_stdout(&file)?;
    let (incidents, _none) = tokio::sync::mpsc::unbounded_channel();
    let opened = Sinks::open(Format::Eve, &[], &incidents);
    nix::unistd::dup2_stdout(&own)?;
    let (mut sinks, _over) = opened?;
    sinks.start()?;
    let (mut described, mut lines) = (0.0, 0.0);
    let mut seq = 0;
    for part in taken.chunks(HANDED) {
        let began = cpu()?;
        let clock = Clock::read()?;
        let mut events = Vec::with_capacity(part.len());
        for record in part {
            seq += 1;
            let alert = describe(record, Share::one(record), seq, &clock, &*records.lock());
            events.push(Arc::new(Event::Alert(Box::new(alert.context("a record of no class")?))));
        }
        described += cpu()? - began;
        let began = cpu()?;
        events.iter().for_each(|event| sinks.send(event));
        // What is handed over is freed there, as the daemon does it.
        drop(events);
        wait_until_written(&sinks)?;
        lines += cpu()? - began;
    }
    let row = sinks.tallies()[0].row();
    ensure!(row.written == taken.len() as u64 && row.lost.total() == 0, "not all was written: {row:?}");
    ensure!(count_lines(file)? == taken.len(), "the file has another number of lines");
    let count = taken.len() as f64;
    figures.described.push(count / described);
    figures.lines.push(count / lines);
    figures.whole.push(count / (described + lines));
    Ok(())
}

/// Seconds of processor time that all threads of this process have taken: what others do on the core is not counted.
fn cpu() -> Result<f64> {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
    Ok(time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
}

fn wait_until_written(sinks: &Sinks) -> Result<()> {
    let began = Instant::now();
    while sinks.tallies()[0].row().queued > 0 {
        ensure!(began.elapsed() < Duration::from_secs(60), "the file takes nothing");
        thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

fn count_lines(mut file: File) -> Result<usize> {
    use std::io::{BufRead as _, BufReader, Seek as _};
    file.rewind()?;
    let mut lines = 0;
    for line in BufReader::with_capacity(1 << 20, file).split(b'\n') {
        lines += usize::from(line?.ends_with(b"}"));
    }
    Ok(lines)
}

fn report(figures: &Figures, options: &Alerts) -> Result<()> {
    let mut all = serde_json::Map::new();
    for (name, unit, samples, floor) in [
        ("verdict", "ns a packet", &figures.verdict, ""),
        ("repeated restricted source, whole", "ns a packet", &figures.repeated, ""),
        ("above the verdict", "ns a packet", &figures.added, "at most 250"),
        ("ring records decoded and aggregated", "a second", &figures.records, "at least 1 000 000"),
        ("flows swept", "a second", &figures.flows, ""),
        ("alerts described", "a second", &figures.described, ""),
        ("EVE lines written to a file", "a second", &figures.lines, "at least 500 000"),
        ("records described and written", "a second", &figures.whole, ""),
    ] {
        let Spread { median, low, high } = Spread::of(samples.clone());
        say(&format!("{name:<38} {median:>10.0} {unit:<12} ({low:.0}–{high:.0})  {floor}"));
        all.insert(
            name.to_owned(),
            json!({ "unit": unit, "median": median, "low": low, "high": high, "floor": floor }),
        );
    }
    fs::create_dir_all(&options.out).with_context(|| format!("cannot make {}", options.out.display()))?;
    let path = options.out.join("alerts.json");
    fs::write(&path, serde_json::to_string_pretty(&all)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("written: {}", path.display()));
    Ok(())
}
