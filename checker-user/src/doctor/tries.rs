//! What is known to be wrong with LPM tries in a kernel, and what checker does about it.

use super::{finding::Finding, kernel::Release};

const NAME: &str = "lpm tries";

/// A fault in `kernel/bpf/lpm_trie.c`.
struct Hazard {
    /// The first version that has it.
    since: (u32, u32, u32),
    /// For each series, the first version that has it no more; the last entry holds for all that follow.
    fixed: &'static [(u32, u32, u32)],
    said: &'static str,
    remedy: &'static str,
}

const HAZARDS: [Hazard; 2] = [
    Hazard {
        // Since `-fstrict-flex-arrays=3`, commit df8fc4e934c1. Fixed by 896880ff3086; seen as a panic where reports of
        // UBSAN are fatal (cilium/cilium#34700).
        since: (6, 5, 0),
        fixed: &[(6, 6, 47), (6, 9, 0)],
        said: "a kernel with UBSAN_BOUNDS takes each insert into a trie for an overflow, and may panic",
        remedy: "update to 6.6.47, 6.9 or newer (commit 896880ff3086)",
    },
    Hazard {
        // CVE-2024-50262, commit 13400ac8fb80.
        since: (4, 16, 0),
        fixed: &[(5, 15, 171), (6, 1, 116), (6, 6, 60), (6, 11, 7), (6, 12, 0)],
        said: "listing a trie's elements may write past the end of memory (CVE-2024-50262); checker does not, `bpftool map dump` does",
        remedy: "update to 6.1.116, 6.6.60, 6.11.7, 6.12 or newer (commit 13400ac8fb80)",
    },
];

/// So many ranges are freed at once by a kernel in well under the time that anybody notices.
pub(super) fn check(release: &Release) -> Finding {
    let found: Vec<_> = HAZARDS.iter().filter(|hazard| hazard.is_in(release.version)).collect();
    if !found.is_empty() {
        let said: Vec<_> = found.iter().map(|hazard| hazard.said).collect();
        let remedy: Vec<_> = found.iter().map(|hazard| hazard.remedy).collect();
        return Finding::warning(NAME, said.join("; "), remedy.join("; "));
    }
    // Every kernel frees a trie in one go (`trie_free`), and since commit 3d8dc43eb2a3, 6.13, nodes come from
    // `bpf_mem_alloc`, which may have none at once.
    let retries = if release.before(6, 13) { "" } else { "; inserts that find no memory are tried again" };
    Finding::ok(
        NAME,
        format!("no known fault; large tries are emptied slowly before they are freed{retries}"),
    )
}

impl Hazard {
    fn is_in(&self, version: (u32, u32, u32)) -> bool {
        let series = (version.0, version.1);
        let same = self.fixed.iter().find(|fixed| (fixed.0, fixed.1) == series);
        // A series without a fix of its own had ended before there was one, or began after it.
        let fixed = same.or(self.fixed.last()).copied().unwrap_or_default();
        version >= self.since && version < fixed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    fn state(release: &str) -> (State, bool, bool) {
        let finding = check(&Release::read(release, ""));
        (finding.state, finding.said.contains("UBSAN"), finding.said.contains("CVE-2024-50262"))
    }

    #[test]
    fn each_series_has_its_own_first_good_version() {
        let bad = [
            ("6.1.115", false, true),
            ("6.6.46", true, true),
            ("6.6.59", false, true),
            ("6.8.12", true, true),
        ];
        for (release, overflow, listing) in bad {
            assert_eq!(state(release), (State::Warning, overflow, listing), "{release}");
        }
        for release in ["6.1.116", "6.6.60", "6.11.7", "6.12.0", "6.18.44", "7.0.0"] {
            assert_eq!(state(release), (State::Ok, false, false), "{release}");
        }
    }
}
