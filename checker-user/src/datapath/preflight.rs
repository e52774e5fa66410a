//! Says in one sentence what keeps the program from being loaded, before the kernel says it in a number.

use anyhow::{Context as _, bail};
use caps::{CapSet, Capability, CapsHashSet};
use nix::sys::utsname::uname;

/// What the program needs, and the first kernel that has it.
const NEEDS: [((u32, u32), &str); 4] = [
    ((5, 8), "the BPF ring buffer"),
    ((5, 9), "XDP links that vanish with their owner"),
    ((5, 17), "loops in BPF programs (bpf_loop)"),
    ((5, 18), "multi-buffer XDP (xdp.frags)"),
];

/// Capabilities that loading and attaching take, and what for. `CAP_SYS_ADMIN` includes the first two.
///
/// Without `CAP_PERFMON` the verifier lets no program calculate with packet pointers as compilers do (`allow_ptr_leaks`,
/// `kernel/bpf/verifier.c`).
pub(crate) const CAPABILITIES: [(Capability, &str); 3] = [
    (Capability::CAP_BPF, "to load a BPF program"),
    (Capability::CAP_PERFMON, "to load one that calculates with packet pointers"),
    (Capability::CAP_NET_ADMIN, "to attach it to an interface"),
];

/// Checks kernel and capabilities.
///
/// # Errors
///
/// One sentence that names what is missing.
pub fn preflight() -> anyhow::Result<()> {
    let uname = uname().context("cannot ask the kernel for its version")?;
    let release = uname.release().to_string_lossy();
    let missing = missing_features(&release);
    if !missing.is_empty() {
        bail!(
            "the kernel is Linux {release}, which lacks {}; Linux 5.18 or newer has all",
            missing.join(", ")
        );
    }
    let held = caps::read(None, CapSet::Effective).context("cannot read this process's capabilities")?;
    for (capability, purpose) in CAPABILITIES {
        if lacks(&held, capability) {
            bail!(
                "the capability {capability} is missing ({purpose}); run as root, or grant it to this program"
            );
        }
    }
    Ok(())
}

/// Checks that the kernel lets a process without capabilities read the maps that it holds.
///
/// Before Linux 5.19, `kernel.unprivileged_bpf_disabled` refuses all of `bpf(2)`; since then only what makes something new
/// (`__sys_bpf`, `kernel/bpf/syscall.c`).
///
/// # Errors
///
/// One sentence.
pub fn without_capabilities() -> anyhow::Result<()> {
    let uname = uname().context("cannot ask the kernel for its version")?;
    let release = uname.release().to_string_lossy();
    if version(&release) < (5, 19) {
        bail!("--sandbox no-capabilities takes Linux 5.19 or newer; the kernel is Linux {release}");
    }
    Ok(())
}

/// Whether what a capability stands for is not allowed by those that are held.
pub(crate) fn lacks(held: &CapsHashSet, capability: Capability) -> bool {
    let included = matches!(capability, Capability::CAP_BPF | Capability::CAP_PERFMON)
        && held.contains(&Capability::CAP_SYS_ADMIN);
    !held.contains(&capability) && !included
}

/// What a kernel of this version lacks.
pub(crate) fn missing_features(release: &str) -> Vec<&'static str> {
    let version = version(release);
    NEEDS.into_iter().filter(|(since, _)| version < *since).map(|(_, feature)| feature).collect()
}

fn version(release: &str) -> (u32, u32) {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::missing_features;

    #[test]
    fn an_old_kernel_is_told_what_it_lacks() {
        assert_eq!(missing_features("5.17.0-1-amd64"), ["multi-buffer XDP (xdp.frags)"]);
        assert_eq!(missing_features("4.19.0").len(), 4);
    }

    #[test]
    fn a_new_kernel_lacks_nothing() {
        for release in ["5.18.0", "6.1.0-40-cloud-amd64", "6.12.1", "7.0.0-rc1"] {
            assert!(missing_features(release).is_empty(), "{release}");
        }
    }
}
