//! Who keeps a BPF program: the processes that have it, or a link of it, open.

use std::fs;

/// `name (pid 12)` of each; root sees all, others their own.
///
/// By `/proc/PID/fdinfo`, where the kernel names the program of each descriptor (`bpf_prog_show_fdinfo` and
/// `bpf_link_show_fdinfo`, `kernel/bpf/syscall.c`).
pub(super) fn holders(program: u32) -> Vec<String> {
    let line = format!("prog_id:\t{program}");
    let mut holders = Vec::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let mut descriptors = fs::read_dir(process.path().join("fdinfo")).into_iter().flatten().flatten();
        let holds = descriptors.any(|descriptor| {
            fs::read_to_string(descriptor.path()).is_ok_and(|text| text.lines().any(|found| found == line))
        });
        if holds {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            holders.push(format!("{} (pid {pid})", name.trim_end()));
        }
    }
    holders
}
