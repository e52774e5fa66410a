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
use archive::Tools;
use guest::{DAY, Machine, Purpose, TESTS};
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
    systemd: Tools,
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

/// Boots every kernel, and the newest once more for a day, all at once, and counts what was tested. Fails if a guest did not
/// end, or ended early.
pub(super) fn run(parts: &Parts, tally: &mut Tally) -> Result<()> {
    let (suites, day) = (suites::build()?, [suites::build_day()?]);
    let newest = parts.kernels.last().context("there is no kernel")?;
    let unit = systemd::write(&folder(), &parts.machine.tools, &parts.systemd, newest, &suites)?;
    let mut under_systemd = Report::new(&format!("{} with systemd", newest.version));
    let mut guests: Vec<_> =
        parts.kernels.iter().map(|kernel| Guest::new(kernel, &TESTS, &kernel.version, &suites)).collect();
    // It takes longest.
    guests.insert(0, Guest::new(newest, &DAY, &format!("{}-day", newest.version), &day));
    for guest in &mut guests {
        guest.pack(&parts.machine.tools).with_context(|| guest.report.name().to_owned())?;
    }
    thread::scope(|scope| {
        for guest in &mut guests {
            scope.spawn(|| guest.run(&parts.machine));
        }
    });
    // After the others: its watchdog measures time.
    parts.machine.run(&TESTS, newest, &unit, systemd::INIT, &mut under_systemd);
    let (day, kernels) = guests.split_first().context("there are no guests")?;
    say(&table::print(&suites, &kernels.iter().map(|guest| &guest.report).collect::<Vec<_>>()));
    say(&table::print(day.suites, &[&day.report]));
    let service = [Suite::service()];
    say(&table::print(&service, &[&under_systemd]));
    let mut failures: Vec<_> = guests.iter().flat_map(|guest| guest.report.failures(guest.suites)).collect();
    failures.extend(under_systemd.failures(&service));
    for report in guests.into_iter().map(|guest| guest.report).chain([under_systemd]) {
        *tally = tally.and(report.total());
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// A kernel that is to be booted, and what came of it.
struct Guest<'a> {
    kernel: &'a archive::Kernel,
    purpose: &'a Purpose,
    suites: &'a [Suite],
    archive: PathBuf,
    report: Report,
}

impl<'a> Guest<'a> {
    fn new(kernel: &'a archive::Kernel, purpose: &'a Purpose, name: &str, suites: &'a [Suite]) -> Self {
        Self { kernel, purpose, suites, archive: PathBuf::new(), report: Report::new(name) }
    }

    fn pack(&mut self, tools: &Tools) -> Result<()> {
        self.archive = initramfs::write(&folder(), tools, self.kernel, self.report.name(), self.suites)?;
        Ok(())
    }

    fn run(&mut self, machine: &Machine) {
        machine.run(self.purpose, self.kernel, &self.archive, "", &mut self.report);
    }
}

/// In the workspace, like `target/tools`: `cargo clean` removes it.
fn folder() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).join("target/kernels")
}
