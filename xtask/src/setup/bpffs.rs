//! The BPF file system, where maps and programs are pinned. A fresh machine has not mounted it.

use std::fs;

use anyhow::{Context as _, Result};

use crate::step::Step;

const FOLDER: &str = "/sys/fs/bpf";

pub(crate) fn provide() -> Result<()> {
    let mounts = fs::read_to_string("/proc/mounts").context("cannot read /proc/mounts")?;
    if is_mounted(&mounts) {
        return Ok(());
    }
    Step::new(&format!("mount -t bpf bpf {FOLDER}")).privileged().run("setup")
}

fn is_mounted(mounts: &str) -> bool {
    mounts.lines().any(|line| {
        let mut fields = line.split(' ').skip(1);
        fields.next() == Some(FOLDER) && fields.next() == Some("bpf")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bpf_file_system_at_its_place_counts() {
        assert!(is_mounted("proc /proc proc rw 0 0\nbpf /sys/fs/bpf bpf rw,nosuid,mode=700 0 0\n"));
        assert!(!is_mounted("sysfs /sys sysfs rw 0 0\n"));
        assert!(!is_mounted("tmpfs /sys/fs/bpf tmpfs rw 0 0\n"));
        assert!(!is_mounted("bpf /elsewhere bpf rw 0 0\n"));
    }
}
