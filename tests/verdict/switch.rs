//! From one generation to the next: by one write, with no packet in between, and the old one is freed.

use std::{
    net::Ipv4Addr,
    process,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use anyhow::{Context as _, Result};
use aya::maps::{MapInfo, MapType, loaded_maps};
use checker_common::outcome::Outcome;
use harness::{frame::Frame, lists::Lists, prog_run::Kernel, wait::wait_until};

use crate::cases::{ONE, OTHER, alert, restricted};

/// Frames of one run: the kernel takes longer to begin a run than for a thousand frames, and switches must meet frames.
const RUN: u32 = 1_000_000;
/// Switches while frames run.
const SWITCHES: u64 = 60;

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn packets_are_judged_by_the_new_list_as_soon_as_it_is_loaded() -> Result<()> {
    let mut kernel = Kernel::load()?;
    let lists = Lists::new()?;
    let here = restricted().bytes();
    let there = Frame::between("192.0.2.1", OTHER).bytes();
    assert_eq!(kernel.judge(&here)?.outcome, Outcome::NoList);

    assert_eq!(kernel.install(&[lists.add(&ONE)?])?.generation, 1);
    let first = kernel.judge(&here)?.record.context("no record")?;
    assert_eq!(first.circumstances().generation, 1);
    assert_eq!(kernel.judge(&there)?.outcome, Outcome::Compliant);

    assert_eq!(kernel.install(&[lists.add(&alert("ONE", "192.0.2.0/24\n"))?])?.generation, 2);
    assert_eq!(kernel.judge(&here)?.outcome, Outcome::Compliant, "the label's old range is gone");
    let second = kernel.judge(&there)?.record.context("no record")?;
    assert_eq!(second.circumstances().generation, 2);
    assert_eq!(second.circumstances().class, first.circumstances().class, "a label keeps its class");

    kernel.install(&[lists.add(&alert("TWO", "203.0.113.0/24\n"))?])?;
    assert_eq!(kernel.judge(&there)?.outcome, Outcome::Alerted, "another label does not replace it");
    assert_eq!(kernel.judge(&here)?.outcome, Outcome::Alerted);

    kernel.unload("TWO")?;
    assert_eq!(kernel.judge(&here)?.outcome, Outcome::Compliant);
    kernel.unload("ONE")?;
    assert_eq!(kernel.judge(&here)?.outcome, Outcome::NoList, "without a list nothing is compliant");
    kernel.install(&[lists.add(&ONE)?])?;
    assert_eq!(kernel.judge(&here)?.outcome, Outcome::Alerted, "and with one it is judged again");
    Ok(())
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn a_list_with_a_fault_changes_nothing() -> Result<()> {
    let mut kernel = Kernel::load()?;
    let lists = Lists::new()?;
    kernel.install(&[lists.add(&ONE)?])?;
    let bad = lists.add(&alert("ONE", "192.0.2.0/24\nnot a range\n"))?;
    let refusal = kernel.install(&[bad]).err().context("it was loaded")?;
    assert!(format!("{refusal:#}").contains("one.txt:2: "), "{refusal:#}");
    let record = kernel.judge(&restricted().bytes())?.record.context("no record")?;
    assert_eq!(record.circumstances().generation, 1);
    Ok(())
}

/// Invariant 4: no packet sees half a list, so one whose range is in every generation is never compliant.
#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn a_range_in_both_generations_alerts_throughout() -> Result<()> {
    let mut kernel = Kernel::load()?;
    let lists = Lists::new()?;
    kernel.install(&[lists.add(&ONE)?])?;
    let runner = kernel.runner()?;
    let frame = restricted().bytes();
    let done = AtomicBool::new(false);
    let done = &done;
    thread::scope(|scope| -> Result<()> {
        let running = scope.spawn(move || -> Result<()> {
            while !done.load(Relaxed) {
                let _whole = runner.run_on(&frame, RUN)?;
            }
            Ok(())
        });
        let switched = (0..SWITCHES).try_for_each(|number| -> Result<()> {
            // Each generation is of another size, so each has new tries.
            let text: String = (0..=number).map(|host| format!("198.18.0.{host}\n")).collect();
            kernel.install(&[lists.add_text("TWO", &text)?])?;
            Ok(())
        });
        done.store(true, Relaxed);
        switched?;
        running.join().expect("the running thread does not panic")
    })?;
    let run = kernel.seen()?;
    assert!(run > RUN.into(), "only {run} packets");
    assert_eq!(kernel.counted(Outcome::Alerted)?, run, "every packet met the range");
    assert_eq!(kernel.account(1)?.matched, run);
    Ok(())
}

#[test]
#[ignore = "needs root: looks at the kernel's maps"]
fn the_tries_of_the_old_generation_are_freed() -> Result<()> {
    // A size that no other trie on this machine has: other processes may run this test.
    let ranges = 20_000 + process::id() % 20_000;
    // And the canary.
    let tries = || {
        let ours =
            |map: &MapInfo| map.max_entries() == ranges + 1 && matches!(map.map_type(), Ok(MapType::LpmTrie));
        loaded_maps().flatten().filter(ours).count()
    };
    let mut kernel = Kernel::load()?;
    let lists = Lists::new()?;
    let text: String = (0..ranges).map(|n| format!("{}\n", Ipv4Addr::from((10 << 24) + (n << 8)))).collect();
    kernel.install(&[lists.add_text("BIG", &text)?])?;
    assert_eq!(tries(), 1);
    kernel.install(&[lists.add(&ONE)?])?;
    wait_until("the old trie is freed", || match tries() {
        0 => Ok(()),
        left => Err(format!("{left} are still there")),
    })
}
