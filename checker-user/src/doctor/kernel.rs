//! The kernel's version, and whether it has all that the program takes from it.

use std::fmt;

use nix::sys::utsname::uname;

use super::finding::Finding;
use crate::datapath::preflight::missing_features;

const NAME: &str = "kernel";

/// The version of a kernel.
#[derive(Clone, Debug)]
pub(super) struct Release {
    /// As the kernel says it: `6.1.0-40-amd64`.
    text: String,
    /// The upstream version, as far as it can be told.
    pub(super) version: (u32, u32, u32),
}

impl Release {
    /// Of the running kernel.
    ///
    /// Debian calls all of its 6.1 kernels `6.1.0-N` and names the upstream version in `version`: `#1 SMP … Debian
    /// 6.1.158-1 (2025-11-09)`.
    pub(super) fn running() -> Self {
        let Ok(uname) = uname() else {
            return Self { text: "of an unknown version".to_owned(), version: (0, 0, 0) };
        };
        let (release, version) = (uname.release().to_string_lossy(), uname.version().to_string_lossy());
        Self::read(&release, &version)
    }

    pub(super) fn read(release: &str, version: &str) -> Self {
        let own = numbers(release);
        // The one of the same series with the most to say.
        let named =
            version.split(' ').map(numbers).filter(|named| (named.0, named.1) == (own.0, own.1)).max();
        Self { text: release.to_owned(), version: named.map_or(own, |named| named.max(own)) }
    }

    /// Whether it is older than this version.
    pub(super) fn before(&self, major: u32, minor: u32) -> bool {
        (self.version.0, self.version.1) < (major, minor)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Linux {}", self.text)?;
        let (major, minor, patch) = self.version;
        if numbers(&self.text) == self.version { Ok(()) } else { write!(f, " ({major}.{minor}.{patch})") }
    }
}

fn numbers(text: &str) -> (u32, u32, u32) {
    let head = text.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    let mut numbers = head.split('.').map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

pub(super) fn check(release: &Release) -> Finding {
    let missing = missing_features(&release.text);
    if missing.is_empty() {
        return Finding::ok(NAME, release.to_string());
    }
    let said = format!("{release} lacks {}", missing.join(", "));
    Finding::prevents(NAME, said, "boot Linux 5.18 or newer; 6.1 and 6.12 are tested")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn debian_names_the_upstream_version_elsewhere() {
        let release =
            Release::read("6.1.0-40-cloud-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)");
        assert_eq!(release.version, (6, 1, 153));
        assert_eq!(release.to_string(), "Linux 6.1.0-40-cloud-amd64 (6.1.153)");
        assert_eq!(check(&release).state, State::Ok);
    }

    #[test]
    fn other_versions_are_what_they_say() {
        for (text, version) in
            [("6.18.44", (6, 18, 44)), ("7.0.0-rc1+", (7, 0, 0)), ("6.6", (6, 6, 0)), ("", (0, 0, 0))]
        {
            assert_eq!(Release::read(text, "#1 SMP 2025").version, version, "{text}");
        }
    }

    #[test]
    fn an_old_kernel_prevents() {
        let finding = check(&Release::read("5.15.0-1-amd64", ""));
        assert_eq!(finding.state, State::Prevents);
        assert!(finding.said.contains("bpf_loop") && finding.said.contains("xdp.frags"), "{}", finding.said);
    }
}
