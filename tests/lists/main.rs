//! Lists, beside what others read out of them: Python's `ipaddress`, iprange, and the sets of the kernel.

mod kernel;
mod random;

use std::{
    collections::BTreeSet,
    io::Write as _,
    net::IpAddr,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use checker_user::ranges::{parse::parse, source::Source};
use harness::require;
use ipnet::IpNet;

/// What checker reads out of a text: the fewest prefixes that cover the same addresses.
fn ours(text: &str) -> Result<BTreeSet<IpNet>> {
    let source = Source { spec: "ONE=one.txt".parse()?, bytes: text.into(), sha256: [0; 32] };
    let nets: Vec<_> = parse(&source)?.entries.iter().map(|entry| entry.net).collect();
    Ok(IpNet::aggregate(&nets).into_iter().collect())
}

/// What a program prints for a text on its standard input.
fn told(program: &str, arguments: &[&str], input: &str) -> Result<String> {
    let mut command = Command::new(require::tool(program)?);
    let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {program}"))?;
    // The input is small: it fits into the pipe.
    child.stdin.take().context("no pipe")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{program} ended with {}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}

fn nets(text: &str) -> Result<BTreeSet<IpNet>> {
    let net = |line: &str| {
        line.parse().or_else(|_| line.parse::<IpAddr>().map(IpNet::from)).with_context(|| line.to_owned())
    };
    text.lines().map(net).collect()
}

const PYTHON: &str = r"
import sys
from ipaddress import *
found = {4: [], 6: []}
for line in sys.stdin:
    ends = [ip_network(end.strip(), strict=False) for end in line.split('-')]
    first, last = ends[0][0], ends[-1][-1]
    found[first.version] += summarize_address_range(first, last)
for nets in found.values():
    print(*collapse_addresses(nets), sep='\n', end='\n' if nets else '')
";

#[test]
fn python_reads_the_same() -> Result<()> {
    for seed in 0..20 {
        let text = random::lines(seed, true);
        assert_eq!(ours(&text)?, nets(&told("python3", &["-c", PYTHON], &text)?)?, "seed {seed}:\n{text}");
    }
    Ok(())
}

#[test]
fn iprange_reads_the_same() -> Result<()> {
    for seed in 0..20 {
        let text = random::lines(seed, false);
        assert_eq!(ours(&text)?, nets(&told("iprange", &["-"], &text)?)?, "seed {seed}:\n{text}");
    }
    Ok(())
}

/// cs-firewall-bouncer#412: a prefix that matches its first address only.
#[test]
fn the_last_address_of_a_prefix_is_in_it() -> Result<()> {
    let found = ours("192.0.2.0/24\n2001:db8::/127\n198.51.100.1-198.51.100.6\n")?;
    for (addr, inside) in [
        ("192.0.2.255", true),
        ("192.0.3.0", false),
        ("2001:db8::1", true),
        ("2001:db8::2", false),
        ("198.51.100.0", false),
        ("198.51.100.6", true),
        ("198.51.100.7", false),
    ] {
        let addr: IpAddr = addr.parse()?;
        assert_eq!(found.iter().any(|net| net.contains(&addr)), inside, "{addr}");
    }
    Ok(())
}
