//! The BPF file system, where tools pin what is to stay.

use nix::sys::statfs::{BPF_FS_MAGIC, statfs};

use super::finding::Finding;

const FOLDER: &str = "/sys/fs/bpf";

/// Seen from here: a container has it only where it was handed in.
pub(super) fn check() -> Finding {
    const NAME: &str = "bpffs";
    if statfs(FOLDER).is_ok_and(|found| found.filesystem_type() == BPF_FS_MAGIC) {
        return Finding::ok(NAME, format!("mounted on {FOLDER}"));
    }
    Finding::warning(
        NAME,
        format!("not mounted on {FOLDER}: xdp-loader and other tools cannot pin anything"),
        format!("mount -t bpf bpf {FOLDER}"),
    )
}
