//! nftables and ipset on the same injected frames.
//!
//! `inject` runs on live frames (`BPF_F_TEST_XDP_LIVE_FRAMES`) and sends them into one end of a veth pair; at the
//! other end an XDP program, the netdev ingress hook or raw PREROUTING sees them and ends them. Each is measured with
//! its filter and without, one right after the other and in turns which first: the difference is the filter.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use aya::{
    maps::{Array, Map, MapData},
    programs::{Xdp, XdpMode},
};
use nix::net::if_::if_nametoindex;

use crate::{
    Classify,
    kernel::{Kernel, compiled},
    lists::clustered,
    path::frame,
    report::{Report, Rival, Rivals, Spread},
    traffic::{Traffic, addresses},
};

/// Names of the set-ups, those without a filter before the one that has it.
const SETUPS: [[&str; 2]; 3] = [["xdp hook", "checker"], ["nft hook", "nftables"], ["raw hook", "ipset"]];

/// A round is cut in so many, so that what else the machine does hits both of a pair.
const SLICES: u32 = 4;

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
    let mut inject: Array<MapData, [u32; 2]> = kernel.take("INJECT")?.try_into()?;
    inject.set(0, [if_nametoindex(SENT_FROM)?, sum(&frame[14..34])], 0)?;
    for traffic in [Traffic::Misses, Traffic::NearMisses, Traffic::Hits, Traffic::Flood] {
        kernel.addresses(&addresses(&kernel.generation.compiled.v4, false, traffic, 3))?;
        let mut samples = SETUPS.map(|_| [Vec::new(), Vec::new()]);
        for round in 0..options.rounds * SLICES as usize {
            for (pair, samples) in SETUPS.iter().zip(&mut samples) {
                for which in [round % 2, 1 - round % 2] {
                    samples[which].push(slice(&mut kernel, pair[which], &frame, options.packets / SLICES)?);
                }
            }
        }
        let rival = |([hook, filter], [without, with]): ([&str; 2], [Vec<f64>; 2])| Rival {
            added: Spread::of(with.iter().zip(&without).map(|(with, without)| with - without).collect()),
            hook: (hook.to_owned(), Spread::of(without)),
            filter: (filter.to_owned(), Spread::of(with)),
        };
        report.add_rivals(Rivals {
            list: format!("veth, IPv4 clustered {}k", count / 1000),
            ranges: count,
            traffic: traffic.name(),
            rivals: SETUPS.into_iter().zip(samples).map(rival).collect(),
        });
    }
    run("nft", "delete table netdev checker_bench", "")?;
    run("ipset", "destroy checker_bench", "")
}

/// What a frame takes in one set-up, in nanoseconds.
fn slice(kernel: &mut Kernel, setup: &str, frame: &[u8], packets: u32) -> Result<f64> {
    let program = match setup {
        "xdp hook" => "end",
        "checker" => "checker",
        _ => "pass",
    };
    let link = kernel.program_mut(program)?.attach(SEEN_AT, XdpMode::Driver)?;
    hook(setup)?;
    // The first frames find cold caches and a page pool that is not filled yet.
    kernel.run("inject", frame, packets / 8, true)?;
    let took = kernel.run("inject", frame, packets, true)?;
    unhook(setup)?;
    kernel.program_mut(program)?.detach(link)?;
    Ok(took)
}

/// Ends the packets in the set-up's hook, behind its filter.
fn hook(setup: &str) -> Result<()> {
    let ingress =
        "add chain netdev checker_bench ingress { type filter hook ingress device inject1 priority 0 ; }";
    let raw = |rule: &str| run("iptables", &format!("-t raw -A PREROUTING -i {SEEN_AT} {rule}"), "");
    match setup {
        "xdp hook" | "checker" => Ok(()),
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
        "xdp hook" | "checker" => Ok(()),
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

impl Kernel {
    /// A map that is then the caller's.
    pub(crate) fn take(&mut self, name: &str) -> Result<Map> {
        self.ebpf.take_map(name).with_context(|| format!("no map {name} in the object"))
    }

    pub(crate) fn program_mut(&mut self, name: &str) -> Result<&mut Xdp> {
        Ok(self.ebpf.program_mut(name).with_context(|| format!("no program {name}"))?.try_into()?)
    }
}
