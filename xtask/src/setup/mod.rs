//! Makes this machine able to build and run checker. What is there already is left as it is.

pub(crate) mod packages;
mod toolchain;
mod linker;
mod bpffs;

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::needs;
use crate::step::say;

const RUNNING: [(&str, &str); 3] = [("ip", "iproute2"), ("nsenter", "util-linux"), ("mount", "mount")];

/// What tests compare lists with, python3 for its `ipaddress`; what shares an interface with checker; and what reads
/// metrics, a module of Debian's python3.
const TESTING: [(&str, &str); 6] = [
    ("iprange", "iprange"),
    ("ipset", "ipset"),
    ("nft", "nftables"),
    ("python3", "python3"),
    ("xdp-filter", "xdp-tools"),
    ("/usr/lib/python3/dist-packages/prometheus_client/openmetrics/parser.py", "python3-prometheus-client"),
];

const FUZZING: [(&str, &str); 1] = [("c++", "g++")];

const COMPARING: [(&str, &str); 8] = [
    ("nft", "nftables"),
    ("ipset", "ipset"),
    ("iptables", "iptables"),
    ("grepcidr", "grepcidr"),
    ("iprange", "iprange"),
    ("tshark", "tshark"),
    ("bpftool", "bpftool"),
    ("xdp-loader", "xdp-tools"),
];

pub(crate) fn setup(bench: bool) -> Result<()> {
    // No C compiler in the list: without one, this program could not have been linked.
    packages::provide(&RUNNING)?;
    let tools = tools();
    if needs::look(&tools).route().is_none() {
        toolchain::provide(&tools)?;
        linker::provide(&tools)?;
    }
    bpffs::provide()?;
    if bench {
        packages::provide(&COMPARING)?;
    }
    let found = needs::look(&tools);
    let (toolchain, linker) =
        found.route().context("the set-up ran, and still nothing can build the kernel program")?;
    let core = match toolchain.core {
        needs::Core::Source => "from source",
        needs::Core::Prebuilt => "prebuilt",
    };
    say(&format!(
        "setup: ready: toolchain `{}` (LLVM {}, core {core}), {}",
        toolchain.name,
        toolchain.llvm,
        linker.path.display()
    ));
    Ok(())
}

/// What the tests need beside that.
pub(crate) fn testing() -> Result<()> {
    packages::provide(&TESTING)?;
    fuzzing()
}

/// What fuzz targets need: libFuzzer comes with its crate, as C++.
pub(crate) fn fuzzing() -> Result<()> {
    packages::provide(&FUZZING)
}

/// Always in the workspace, wherever `CARGO_TARGET_DIR` points: the build script looks for it there.
fn tools() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(&xtask).join("target/tools")
}
