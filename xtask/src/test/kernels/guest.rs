//! One kernel in QEMU, from its start to its end.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::archive::{Kernel, Tools};
use super::table::Report;
use crate::step::say;

/// What a guest is for.
#[derive(Debug)]
pub(super) struct Purpose {
    /// What QEMU is told.
    machine: &'static str,
    /// What the kernel is told; words with `=` that it does not know are in the environment of `init.sh`.
    command_line: &'static str,
    /// Seconds after which a guest hangs. One that has two cores for itself takes a third of it.
    limit: &'static str,
}

/// Tests. TCG: inside most machines that run tests there is no KVM, and the time is the same everywhere. Two CPUs, since
/// there is a map of the kernel program's for each. No network, no disk, no second chance. On the serial line nothing but
/// what the tests print, and the kernel's last words. `no_timer_check`: on a busy machine QEMU's timer seems broken to a kernel
/// that looks at it for a moment, and the kernel panics (`check_timer`, `arch/x86/kernel/apic/io_apic.c`).
pub(super) const TESTS: Purpose = Purpose {
    machine: "-accel tcg -cpu max -smp 2 -m 2G -nodefaults -display none -serial stdio -nic none -no-reboot",
    command_line: "console=ttyS0 panic=-1 loglevel=1 no_timer_check",
    limit: "1800",
};

/// A day. The guest's time is counted in its instructions, and goes to the next timer at once when it has nothing to do
/// (`-icount sleep=off`), its time of day with it (`-rtc clock=vm`). One CPU, as `-icount` has it. Without ERMS and FSRM,
/// with which the kernel copies byte by byte: under TCG that is half of the time. Nor does it pay to defend against anybody.
pub(super) const DAY: Purpose = Purpose {
    machine: "-accel tcg,thread=single -icount shift=auto,sleep=off -rtc clock=vm,base=2026-11-27T12:00:00 \
              -cpu max,-erms,-fsrm -smp 1 -m 1G -nodefaults -display none -serial stdio -nic none -no-reboot",
    command_line: "console=ttyS0 panic=-1 loglevel=1 no_timer_check mitigations=off CHECKER_DAY=24",
    limit: "3000",
};

/// What kernels run on.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) tools: Tools,
}

impl Machine {
    pub(super) const fn new(tools: Tools) -> Self {
        Self { tools }
    }

    /// Runs a guest to its end; `init` is what the command line says of its first program. What it prints is shown as it comes.
    pub(super) fn run(
        &self,
        purpose: &Purpose,
        kernel: &Kernel,
        archive: &Path,
        init: &str,
        report: &mut Report,
    ) {
        if let Err(error) = self.listen(purpose, kernel, archive, init, report) {
            report.trouble(&format!("{error:#}"));
        }
    }

    fn listen(
        &self,
        purpose: &Purpose,
        kernel: &Kernel,
        archive: &Path,
        init: &str,
        report: &mut Report,
    ) -> Result<()> {
        let Purpose { machine, command_line, limit } = purpose;
        // Whatever ends this program, also ends QEMU; and so does the time limit.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "timeout", "--foreground", "--kill-after=5", limit]);
        command.arg(self.tools.program("qemu-system-x86_64")).args(machine.split(' '));
        for firmware in self.tools.firmware() {
            command.arg("-L").arg(firmware);
        }
        command.arg("-kernel").arg(&kernel.image).arg("-initrd").arg(archive);
        command.arg("-append").arg(format!("{command_line} {init}"));
        command.env("LD_LIBRARY_PATH", self.tools.libraries()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start setpriv (package util-linux)")?;
        let output = child.stdout.take().context("QEMU has no output to read")?;
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context("cannot read what QEMU prints")?;
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r');
            // The firmware clears the screen.
            if report.add(line) {
                say(&format!("{}: {line}", report.name()));
            }
        }
        let status = child.wait().context("cannot wait for QEMU")?;
        match status.code() {
            Some(0) => {}
            Some(124) => report.trouble(&format!("it did not end in {limit} s")),
            _ => report.trouble(&format!("QEMU failed ({status})")),
        }
        Ok(())
    }
}
