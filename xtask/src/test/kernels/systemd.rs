//! A guest whose first program is systemd, with checker's unit as an administrator installs it: whether the hardening
//! leaves what the daemon needs, and what systemd makes of a daemon that dies, hangs or is stopped.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::archive::{Kernel, Tools};
use super::initramfs::{copy, libraries, modules, pack, programs};
use super::suites::Suite;

/// What the kernel's command line says of it. On the serial line nothing but what the tests print.
pub(super) const INIT: &str =
    "rdinit=/lib/systemd/systemd systemd.unit=tests.target systemd.show_status=no systemd.log_target=journal";

/// What `service.sh` and the unit call, as busybox has it.
const APPLETS: [&str; 13] =
    ["sh", "cat", "sleep", "ping", "kill", "grep", "sed", "stat", "mkdir", "rm", "date", "head", "modprobe"];

/// This machine's own programs.
const PROGRAMS: [&str; 2] = ["ip", "setpriv"];

/// systemd's programs. The last one is there since systemd 255.
const SYSTEMD: [&str; 7] = [
    "lib/systemd/systemd",
    "lib/systemd/systemd-journald",
    "bin/systemctl",
    "bin/journalctl",
    "bin/systemd-sysusers",
    "bin/systemd-tmpfiles",
    "lib/systemd/systemd-executor",
];

/// systemd's units: what stands between its start and a service.
const UNITS: [&str; 16] = [
    "basic.target",
    "sysinit.target",
    "shutdown.target",
    "umount.target",
    "final.target",
    "sockets.target",
    "timers.target",
    "paths.target",
    "slices.target",
    "local-fs.target",
    "swap.target",
    "network-pre.target",
    "multi-user.target",
    "systemd-journald.service",
    "systemd-journald.socket",
    "systemd-journald-dev-log.socket",
];

/// Files of the guest's own: path and text. The unit is checker's, and so is what makes its group and folders.
const FILES: [(&str, &str); 9] = [
    ("etc/systemd/system/checker.service", include_str!("../../../../checker-user/systemd/checker.service")),
    ("etc/sysusers.d/checker.conf", include_str!("../../../../checker-user/systemd/checker.sysusers")),
    ("etc/tmpfiles.d/checker.conf", include_str!("../../../../checker-user/systemd/checker.tmpfiles")),
    ("etc/systemd/system/tests.target", include_str!("systemd/tests.target")),
    ("etc/systemd/system/tests.service", include_str!("systemd/tests.service")),
    ("tests/service.sh", include_str!("systemd/service.sh")),
    ("tests/words.sh", include_str!("systemd/words.sh")),
    ("etc/passwd", "root:x:0:0:root:/:/bin/sh\n"),
    ("etc/group", "root:x:0:\n"),
];

/// Writes the archive of the guest; gives its path.
pub(super) fn write(
    folder: &Path,
    tools: &Tools,
    systemd: &Tools,
    kernel: &Kernel,
    suites: &[Suite],
) -> Result<PathBuf> {
    let root = folder.join("service.root");
    let _nothing_there = fs::remove_dir_all(&root);
    for place in [
        "usr/bin",
        "usr/sbin",
        "usr/lib",
        "usr/lib64",
        "dev",
        "proc",
        "sys",
        "tmp",
        "run",
        "var/lib",
        "var/log",
    ] {
        fs::create_dir_all(root.join(place)).with_context(|| format!("cannot make {}", root.display()))?;
    }
    // systemd wants it so, and the libraries of older packages stand beside it.
    for place in ["bin", "sbin", "lib", "lib64"] {
        symlink(Path::new("usr").join(place), root.join(place))?;
    }
    symlink("../run", root.join("var/run"))?;
    let mut dynamic = programs(&root, tools, &APPLETS, &PROGRAMS, suites)?;
    for program in SYSTEMD {
        match systemd.file(program) {
            Some((from, place)) => {
                put(&from, &root.join(place))?;
                dynamic.push(from);
            }
            None if program.ends_with("executor") => {}
            None => anyhow::bail!("systemd is there without {program}"),
        }
    }
    libraries(&root, Some(systemd), &dynamic)?;
    for unit in UNITS {
        let (from, place) = systemd
            .file(&format!("lib/systemd/system/{unit}"))
            .with_context(|| format!("systemd is there without {unit}"))?;
        put(&from, &root.join(place))?;
    }
    for (path, text) in FILES {
        let path = root.join(path);
        fs::create_dir_all(path.parent().context("a file without a folder")?)?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    modules(kernel, &root, &["veth"])?;
    pack(&root, tools, &folder.join("service.cpio"))
}

fn put(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file without a folder")?)?;
    copy(from, to)
}
