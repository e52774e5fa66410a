//! nftables and ipset on the same injected frames.
//!
//! `inject` runs on live frames (`BPF_F_TEST_XDP_LIVE_FRAMES`) and sends them into one end of a veth pair; at the
//! other end an XDP program, the netdev ingress hook or raw PREROUTING sees them. Every set-up ends each packet at
//! netdev ingress or at raw PREROUTING, and is measured with its filter and without: the difference is the filter.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use aya::{
    maps::{Array, MapData},
    programs::{Xdp, XdpMode},
};
use nix::net::if_::if_nametoindex;

use crate::{
    Classify,
    kernel::{Kernel, compiled},
    lists::clustered,
    path::frame,
    report::{Report, Row, Spread},
    traffic::{Traffic, addresses},
};

/// Names of the set-ups, those without a filter before the one that has it.
const SETUPS: [&str; 6] = ["veth", "checker", "nft hook", "nftables", "raw hook", "ipset"];

const SENT_FROM: &str = "inject0";
const SEEN_AT: &str = "inject1";

/// The programs that are compared with, and the Debian package of each.
const TOOLS: [(&str, &str); 4] =
    [("ip", "iproute2"), ("nft", "nftables"), ("ipset", "ipset"), ("iptables", "iptables")];

pub(crate) fn measure(options: &Classify, report: &mut Report) -> Result<()> {
    if let Some(missing) = missing() {
        report.fact("not measured", format!("nftables and ipset: {missing}").into());
        return Ok(());
    }
    for line in [
        &format!("link add {SENT_FROM} type veth peer name {SEEN_AT}"),
        &format!("link set {SENT_FROM} address 02:00:00:00:00:01 up"),
        &format!("link set {SEEN_AT} address 02:00:00:00:00:02 up"),
        "link set lo up",
    ] {
        run("ip", line, "")?;
    }
    for count in [20_000, 100_000] {
        one(&clustered(false, count, 1), count, options, report)?;
    }
    run("ip", &format!("link del {SENT_FROM}"), "")
}

/// What has to be installed first, if anything.
pub(crate) fn missing() -> Option<String> {
    let absent = |tool: &&(&str, &str)| {
        Command::new(tool.0).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err()
    };
    let absent: Vec<_> =
        TOOLS.iter().filter(absent).map(|(tool, package)| format!("{tool} (package {package})")).collect();
    (!absent.is_empty()).then(|| format!("missing: {}", absent.join(", ")))
}

fn one(text: &str, count: usize, options: &Classify, report: &mut Report) -> Result<()> {
    run("nft", "-f -", &nft_table(text))?;
    run("ipset", "restore", &ipset(text))?;
    let (compiled, classes) = compiled(&[text.to_owned()])?;
    let mut kernel = Kernel::new(compiled, &classes)?;
    let frame = frame(false);
    let mut inject: Array<MapData, [u32; 2]> =
        kernel.ebpf.take_map("INJECT").context("no map INJECT")?.try_into()?;
    inject.set(0, [if_nametoindex(SENT_FROM)?, sum(&frame[14..34])], 0)?;
    for traffic in [Traffic::Misses, Traffic::NearMisses, Traffic::Hits, Traffic::Flood] {
        kernel.addresses(&addresses(&kernel.generation.compiled.v4, false, traffic, 3))?;
        let mut samples = SETUPS.map(|_| Vec::new());
        for _ in 0..options.rounds {
            for (setup, samples) in SETUPS.iter().zip(&mut samples) {
                let filter = if *setup == "checker" { "checker" } else { "pass" };
                let program: &mut Xdp = kernel
                    .ebpf
                    .program_mut(filter)
                    .with_context(|| format!("no program {filter}"))?
                    .try_into()?;
                let link = program.attach(SEEN_AT, XdpMode::Driver)?;
                hook(setup)?;
                // The first frames find cold caches and a page pool that is not filled yet.
                kernel.run("inject", &frame, options.packets / 8, true)?;
                samples.push(kernel.run("inject", &frame, options.packets, true)?);
                unhook(setup)?;
                let program: &mut Xdp = kernel
                    .ebpf
                    .program_mut(filter)
                    .with_context(|| format!("no program {filter}"))?
                    .try_into()?;
                program.detach(link)?;
            }
        }
        report.add_rivals(Row {
            list: format!("veth, IPv4 clustered {}k", count / 1000),
            ranges: count,
            index_kib: 0,
            traffic: traffic.name(),
            costs: SETUPS
                .into_iter()
                .zip(samples)
                .map(|(name, all)| (name.to_owned(), Spread::of(all)))
                .collect(),
        });
    }
    run("nft", "delete table netdev checker_bench", "")?;
    run("ipset", "destroy checker_bench", "")
}

/// Ends the packets in the set-up's hook, behind its filter.
fn hook(setup: &str) -> Result<()> {
    let ingress =
        "add chain netdev checker_bench ingress { type filter hook ingress device inject1 priority 0 ; }";
    let raw = |rule: &str| run("iptables", &format!("-t raw -A PREROUTING -i {SEEN_AT} {rule}"), "");
    match setup {
        "raw hook" => raw("-j DROP"),
        "ipset" => {
            raw("-m set --match-set checker_bench src")?;
            raw("-j DROP")
        }
        "nftables" => run(
            "nft",
            "-f -",
            &format!(
                "{ingress}\nadd rule netdev checker_bench ingress ip saddr @listed counter\nadd rule netdev checker_bench ingress drop\n"
            ),
        ),
        _ => run("nft", "-f -", &format!("{ingress}\nadd rule netdev checker_bench ingress drop\n")),
    }
}

fn unhook(setup: &str) -> Result<()> {
    match setup {
        "raw hook" | "ipset" => run("iptables", "-t raw -F PREROUTING", ""),
        _ => run(
            "nft",
            "-f -",
            "flush chain netdev checker_bench ingress\ndelete chain netdev checker_bench ingress\n",
        ),
    }
}

/// The list as an interval set. Nested prefixes are merged, which nftables wants.
pub(crate) fn nft_table(text: &str) -> String {
    let elements = text.lines().collect::<Vec<_>>().join(",");
    format!(
        "table netdev checker_bench {{\nset listed {{\ntype ipv4_addr\nflags interval\nauto-merge\nelements = {{ {elements} }}\n}}\n}}\n"
    )
}

pub(crate) fn ipset(text: &str) -> String {
    let mut all = "create checker_bench hash:net family inet hashsize 65536 maxelem 4194304\n".to_owned();
    for line in text.lines() {
        all.extend(["add checker_bench ", line, "\n"]);
    }
    all
}

/// The sum over a header, not folded.
fn sum(header: &[u8]) -> u32 {
    header.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum()
}

/// Runs a tool in the bench's own network namespace.
pub(crate) fn run(tool: &str, words: &str, input: &str) -> Result<()> {
    let mut child = Command::new(tool)
        .args(words.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {tool}"))?;
    // A tool that ends early says why on its way out.
    let _ = child.stdin.take().context("no pipe")?.write_all(input.as_bytes());
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        // nft repeats the whole line that it did not like.
        bail!("{tool} {words}: {}", said.lines().next().unwrap_or_default());
    }
    Ok(())
}
