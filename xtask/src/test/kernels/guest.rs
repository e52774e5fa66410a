//! One kernel in QEMU, from its start to its end.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::archive::{Kernel, Tools};
use super::table::Report;
use crate::step::say;

/// Seconds after which a guest hangs. One that has two cores for itself takes a third of it.
const LIMIT: &str = "1800";

/// TCG: inside most machines that run tests there is no KVM, and the time is the same everywhere. Two CPUs, since there
/// is a map of the kernel program's for each. No network, no disk, no second chance.
const MACHINE: &str =
    "-accel tcg -cpu max -smp 2 -m 2G -nodefaults -display none -serial stdio -nic none -no-reboot";

/// On the serial line nothing but what the tests print, and the kernel's last words. `no_timer_check`: on a busy machine
/// QEMU's timer seems broken to a kernel that looks at it for a moment, and the kernel panics (`check_timer`,
/// `arch/x86/kernel/apic/io_apic.c`).
const COMMAND_LINE: &str = "console=ttyS0 panic=-1 loglevel=1 no_timer_check";

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
    pub(super) fn run(&self, kernel: &Kernel, archive: &Path, init: &str, report: &mut Report) {
        if let Err(error) = self.listen(kernel, archive, init, report) {
            report.trouble(&format!("{error:#}"));
        }
    }

    fn listen(&self, kernel: &Kernel, archive: &Path, init: &str, report: &mut Report) -> Result<()> {
        // Whatever ends this program, also ends QEMU; and so does the time limit.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "timeout", "--foreground", "--kill-after=5", LIMIT]);
        command.arg(self.tools.program("qemu-system-x86_64")).args(MACHINE.split(' '));
        for firmware in self.tools.firmware() {
            command.arg("-L").arg(firmware);
        }
        command.arg("-kernel").arg(&kernel.image).arg("-initrd").arg(archive);
        command.arg("-append").arg(format!("{COMMAND_LINE} {init}"));
        command.env("LD_LIBRARY_PATH", self.tools.libraries()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start setpriv (package util-linux)")?;
        let output = child.stdout.take().context("QEMU has no output to read")?;
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context("cannot read what QEMU prints")?;
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r');
            // The firmware clears the screen.
            if report.add(line) {
                say(&format!("{}: {line}", kernel.version));
            }
        }
        let status = child.wait().context("cannot wait for QEMU")?;
        match status.code() {
            Some(0) => {}
            Some(124) => report.trouble(&format!("it did not end in {LIMIT} s")),
            _ => report.trouble(&format!("QEMU failed ({status})")),
        }
        Ok(())
    }
}
