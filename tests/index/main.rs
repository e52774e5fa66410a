//! The index, the trie and the compiled table say the same of a million addresses, in the kernel, for each kind of
//! list: `verdict` is the program's own path, `in_trie` the authority, `Table` what explains an alert.

#[path = "../bench/kernel.rs"]
mod kernel;
#[path = "../bench/lists.rs"]
mod lists;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::SystemTime,
};

use anyhow::{Result, ensure};
use aya::maps::{Array, MapData};
use checker_user::ranges::{compile::Table, generation::Generation, merge::key};
use kernel::{COUNT, Kernel, compiled};
use lists::{Random, clustered, scattered};

const FRAME: [u8; 64] = [0; 64];

/// Half of them at the borders of ranges, half anywhere or in a range.
fn addresses(table: &Table, v6: bool) -> Vec<IpAddr> {
    let mut random = Random(7);
    let ranges = table.ranges();
    let draw = |at: usize| {
        let range = &ranges[random.below(ranges.len() as u64) as usize];
        let unit = if v6 { 1 } else { 1 << 96 };
        let host = random.wide().checked_shr(range.len.into()).unwrap_or_default();
        let last = range.key | u128::MAX.checked_shr(range.len.into()).unwrap_or_default();
        let bits = match at % 8 {
            0 => range.key,
            1 => range.key.wrapping_sub(unit),
            2 => last,
            3 => last.wrapping_add(unit),
            4 | 5 => range.key | host,
            _ => random.wide(),
        };
        if v6 {
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        } else {
            Ipv4Addr::from_bits((bits >> 96) as u32).into()
        }
    };
    (0..COUNT).map(draw).collect()
}

fn agree(lists: &[String]) -> Result<()> {
    let (compiled, classes) = compiled(lists)?;
    check(&Kernel::new(compiled, &classes)?)
}

fn check(kernel: &Kernel) -> Result<()> {
    let compiled = &kernel.generation.compiled;
    for (table, v6, program) in [(&compiled.v4, false, "answer_v4"), (&compiled.v6, true, "answer_v6")] {
        if table.is_empty() {
            continue;
        }
        let addresses = addresses(table, v6);
        kernel.addresses(&addresses)?;
        // The table is walked once round: it begins where the last walk ended, which was at its end.
        kernel.run(program, &FRAME, COUNT as u32, false)?;
        let answers: Array<&MapData, u64> = kernel.map("ANSWERS")?.try_into()?;
        let mut matched = 0;
        for (at, address) in (0..).zip(addresses) {
            let answer = answers.get(&at, 0)?;
            let (index, trie) = (answer as u32, (answer >> 32) as u32);
            let class = table.lookup(key(address)).map_or(0, |range| range.class);
            ensure!(
                index == class && trie == class,
                "{address}: class {class}, the index says {index}, the trie {trie}"
            );
            matched += usize::from(class != 0);
        }
        ensure!(matched > COUNT / 8, "only {matched} addresses matched");
    }
    Ok(())
}

/// Both families, each range in one of so many lists.
fn spread(text: &str, lists: usize) -> Vec<String> {
    let mut spread = vec![String::new(); lists];
    for (at, line) in text.lines().enumerate() {
        spread[at % lists].extend([line, "\n"]);
    }
    spread
}

#[test]
#[ignore = "needs root: loads programs"]
fn clustered_lists() -> Result<()> {
    agree(&spread(&(clustered(false, 20_000, 1) + &clustered(true, 6_000, 2)), 25))
}

#[test]
#[ignore = "needs root: loads programs"]
fn scattered_lists() -> Result<()> {
    agree(&spread(&(scattered(false, 100_000, 3) + &scattered(true, 50_000, 4)), 3))
}

#[test]
#[ignore = "needs root: loads programs"]
fn nested_lists() -> Result<()> {
    let mut random = Random(5);
    let mut text = String::new();
    for _ in 0..500 {
        let (v4, v6) = (random.next() as u32, random.wide());
        text.extend((0..=32).map(|length| format!("{}/{length}\n", Ipv4Addr::from_bits(v4))));
        text.extend((0..=128).map(|length| format!("{}/{length}\n", Ipv6Addr::from_bits(v6))));
    }
    agree(&spread(&text, 7))
}

#[test]
#[ignore = "needs root: loads programs"]
fn one_giant_and_a_million_hosts() -> Result<()> {
    let mut random = Random(6);
    let hosts = |_| format!("{}\n", Ipv4Addr::from_bits(random.next() as u32));
    agree(&["0.0.0.0/0\n128.0.0.0/1\n::/0\n".to_owned(), (0..1_000_000).map(hosts).collect()])
}

#[test]
#[ignore = "needs root: loads programs"]
fn more_classes_than_an_entry_can_name() -> Result<()> {
    agree(&spread(&(clustered(false, 20_000, 8) + &clustered(true, 6_000, 9)), 900))
}

#[test]
#[ignore = "needs root: loads programs"]
fn a_list_leaves_nothing_to_the_next_one() -> Result<()> {
    let (first, classes) = compiled(&spread(&scattered(false, 100_000, 10), 3))?;
    let mut kernel = Kernel::new(first, &classes)?;
    // Fewer pages each time, and the third list goes into the slot of the first.
    for (number, count) in [(2, 20_000), (3, 5_000)] {
        let (compiled, classes) = compiled(&spread(&scattered(false, count, 10 + number), 2))?;
        kernel.switch(Generation { number, compiled, loaded_at: SystemTime::now() }, &classes)?;
        kernel.settle()?;
    }
    check(&kernel)
}
