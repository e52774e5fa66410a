//! The four programs on one list: the address alone, the plain trie, checker's verdict, checker whole.

use std::{thread, time::Duration};

use anyhow::Result;
use checker_user::ranges::index::index;

use crate::{
    Classify, Subject,
    kernel::{Kernel, compiled},
    report::{Report, Row, Spread},
    traffic::{Traffic, addresses},
};

const PROGRAMS: [&str; 4] = ["bare", "trie", "verdict", "whole"];

/// Ethernet, IP and UDP; the programs write the source.
pub(crate) fn frame(v6: bool) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    if v6 {
        frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 18, 17, 64]);
        frame.extend([0; 16]);
        frame.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    } else {
        frame.extend([8, 0, 0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, 17, 0, 0, 0, 0, 0, 0, 198, 51, 100, 9]);
    }
    frame.extend([0x9c, 0x40, 0x02, 0x6f, 0, 26, 0, 0]);
    frame.resize(if v6 { 72 } else { 60 }, 0);
    frame
}

/// Measures all traffic on one list, each family that the list has.
pub(crate) fn measure(subject: &Subject, options: &Classify, report: &mut Report) -> Result<()> {
    let (compiled, classes) = compiled(std::slice::from_ref(&subject.text))?;
    let bytes = [&compiled.v4, &compiled.v6].map(|table| index(table).bytes());
    let kernel = Kernel::new(compiled, &classes)?;
    let compiled = &kernel.generation.compiled;
    for (v6, table, bytes) in [(false, &compiled.v4, bytes[0]), (true, &compiled.v6, bytes[1])] {
        if table.is_empty() {
            continue;
        }
        let family = if v6 { "v6" } else { "v4" };
        let frame = frame(v6);
        for traffic in Traffic::ALL {
            kernel.addresses(&addresses(table, v6, traffic, 3))?;
            let mut samples = PROGRAMS.map(|_| Vec::new());
            for _ in 0..options.rounds {
                for (program, samples) in PROGRAMS.iter().zip(&mut samples) {
                    samples.push(kernel.run(
                        &format!("{program}_{family}"),
                        &frame,
                        options.packets,
                        false,
                    )?);
                }
            }
            report.add(Row {
                list: subject.name.clone(),
                ranges: table.len(),
                index_kib: bytes >> 10,
                traffic: traffic.name(),
                costs: PROGRAMS
                    .into_iter()
                    .zip(samples)
                    .map(|(name, all)| (name.to_owned(), Spread::of(all)))
                    .collect(),
            });
        }
    }
    let many = compiled.len();
    drop(kernel);
    // The kernel frees the tries in a worker, which would share the caches with the next list.
    thread::sleep(Duration::from_micros(2 * many as u64));
    Ok(())
}
