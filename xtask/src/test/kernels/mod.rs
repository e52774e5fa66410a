//! `cargo xtask test --kernels`: the tests again under older kernels. Each kernel is one of Debian's, boots in QEMU
//! without hardware acceleration and without a network, and finds everything it runs in its initramfs.
//!
//! Nothing is installed for it: QEMU, busybox and the kernels are unpacked under `target/kernels`.

mod unpack;
mod archive;
mod suites;
mod initramfs;
mod systemd;
mod guest;
mod table;

use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, ensure};
use guest::Machine;
use suites::Suite;
use table::Report;

use super::tally::Tally;
use crate::setup::packages;
use crate::step::say;

pub(super) const TASK: &str = "kernels";

/// Oldest first; of each line the newest package that apt knows. Regular expressions, as `apt-cache search` takes them.
const KERNELS: [&str; 2] =
    [r"^linux-image-6\.1\.[0-9]+-[0-9]+-cloud-amd64$", r"^linux-image-6\.12\.[^-]+-cloud-amd64$"];

/// What the tests call, besides what is unpacked.
const PROGRAMS: [(&str, &str); 7] = [
    ("ip", "iproute2"),
    ("tc", "iproute2"),
    ("bpftool", "bpftool"),
    ("xdp-loader", "xdp-tools"),
    ("xdp-filter", "xdp-tools"),
    ("strip", "binutils"),
    ("setpriv", "util-linux"),
];

/// What a guest is made of, all of it on this machine.
#[derive(Debug)]
pub(super) struct Parts {
    machine: Machine,
    kernels: Vec<archive::Kernel>,
    systemd: archive::Tools,
}

/// Fetches what is missing.
pub(super) fn provide() -> Result<Parts> {
    packages::provide(&PROGRAMS)?;
    let folder = folder();
    let tools = archive::tools(&folder)?;
    let kernels = KERNELS.iter().map(|pattern| archive::kernel(&folder, &tools, pattern));
    let kernels = kernels.collect::<Result<_>>()?;
    Ok(Parts { kernels, systemd: archive::systemd(&folder)?, machine: Machine::new(tools) })
}

/// Boots every kernel, all at once, and counts what was tested. Fails if a guest did not end, or ended early.
pub(super) fn run(parts: &Parts, tally: &mut Tally) -> Result<()> {
    let suites = suites::build()?;
    let archives = parts.kernels.iter().map(|kernel| {
        let tools = &parts.machine.tools;
        initramfs::write(&folder(), tools, kernel, &suites).with_context(|| kernel.version.clone())
    });
    let archives = archives.collect::<Result<Vec<PathBuf>>>()?;
    let newest = parts.kernels.last().context("there is no kernel")?;
    let unit = systemd::write(&folder(), &parts.machine.tools, &parts.systemd, newest, &suites)?;
    let mut under_systemd = Report::new(&format!("{} with systemd", newest.version));
    let mut reports: Vec<_> = parts.kernels.iter().map(|kernel| Report::new(&kernel.version)).collect();
    thread::scope(|scope| {
        for ((kernel, archive), report) in parts.kernels.iter().zip(&archives).zip(&mut reports) {
            scope.spawn(|| parts.machine.run(kernel, archive, "", report));
        }
    });
    // After the others: its watchdog measures time.
    parts.machine.run(newest, &unit, systemd::INIT, &mut under_systemd);
    say(&table::print(&suites, &reports));
    let service = [Suite::service()];
    say(&table::print(&service, std::slice::from_ref(&under_systemd)));
    let mut failures: Vec<_> = reports.iter().flat_map(|report| report.failures(&suites)).collect();
    failures.extend(under_systemd.failures(&service));
    for report in reports.into_iter().chain([under_systemd]) {
        *tally = tally.and(report.total());
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// In the workspace, like `target/tools`: `cargo clean` removes it.
fn folder() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).join("target/kernels")
}
