//! The kernel's own type information.

use std::path::Path;

use super::finding::Finding;

/// Not needed by the program, which reads no structure of the kernel's; but no kernel without it was ever tried, and
/// other tools that look at what is loaded want it.
pub(super) fn check() -> Finding {
    const NAME: &str = "btf";
    if Path::new("/sys/kernel/btf/vmlinux").exists() {
        return Finding::ok(NAME, "the kernel describes its types (/sys/kernel/btf/vmlinux)");
    }
    Finding::warning(
        NAME,
        "the kernel does not describe its types; checker was never tried on such a kernel",
        "boot a kernel that was built with CONFIG_DEBUG_INFO_BTF=y, as those of distributions are",
    )
}
