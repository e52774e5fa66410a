//! Whether the kernel will give the maps the memory that they take.

use std::{fs, path::Path};

use super::{finding::Finding, kernel::Release};

const NAME: &str = "memory";

/// What a daemon and its maps take with the largest lists that were measured, and some more.
const WANTED: u64 = 256 << 20;

/// Since 5.11 the memory of maps is that of the control group of who makes them, and `RLIMIT_MEMLOCK` is not asked
/// (commit 97306be45fbe, `kernel/bpf/syscall.c`).
pub(super) fn check(release: &Release) -> Finding {
    if release.before(5, 11) {
        return Finding::prevents(
            NAME,
            "this kernel counts maps as locked memory",
            "ulimit -l unlimited (LimitMEMLOCK=infinity), and a newer kernel",
        );
    }
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    judge(least(&own, Path::new("/sys/fs/cgroup")))
}

/// The least limit of this process's control group and those above it; none where there is no limit.
fn least(own: &str, root: &Path) -> Option<u64> {
    let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let groups = Path::new(own).ancestors().map(|group| root.join(group).join("memory.max"));
    groups.filter_map(|path| fs::read_to_string(path).ok()?.trim().parse().ok()).min()
}

fn judge(limit: Option<u64>) -> Finding {
    match limit {
        Some(limit) if limit < WANTED => Finding::warning(
            NAME,
            format!("the control group may have {} MiB, and maps count as its memory", limit >> 20),
            format!("MemoryMax={}M, or smaller tables (--flows)", WANTED >> 20),
        ),
        Some(limit) => Finding::ok(NAME, format!("the control group may have {} MiB", limit >> 20)),
        None => Finding::ok(NAME, "not limited; the limit of locked memory is not asked since Linux 5.11"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn the_least_limit_on_the_way_up_counts() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let inner = root.path().join("outer/inner");
        fs::create_dir_all(&inner)?;
        fs::write(inner.join("memory.max"), "max\n")?;
        assert_eq!(least("0::/outer/inner\n", root.path()), None);
        fs::write(root.path().join("outer/memory.max"), "67108864\n")?;
        assert_eq!(least("1:cpu:/x\n0::/outer/inner\n", root.path()), Some(64 << 20));
        assert_eq!(judge(Some(64 << 20)).state, State::Warning);
        assert_eq!(judge(Some(1 << 30)).state, State::Ok);
        assert_eq!(judge(None).state, State::Ok);
        Ok(())
    }
}
