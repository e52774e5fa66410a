//! What to tell whoever builds on a machine that cannot: the one command that helps, then what it does, by hand.

use crate::needs::{DEBIAN_PACKAGES, DEBIAN_TOOLCHAIN, Found, LINKER_LLVM, LINKER_VERSION, NIGHTLY, TARGET};

pub(crate) fn advice(found: &Found) -> String {
    format!(
        "cannot build the kernel program: {}. Run `cargo xtask setup`.
It names each step before it runs it. By hand, it is one of these two:
  with rustup, where rust-src can be installed:
    rustup toolchain install {NIGHTLY} --profile minimal --component rust-src
  with Debian's packages:
    apt-get install --no-remove --no-install-recommends {}
    rustup toolchain link {DEBIAN_TOOLCHAIN} /usr
and then:
    cargo install bpf-linker --version {LINKER_VERSION} --locked --root target/tools",
        missing(found),
        DEBIAN_PACKAGES.join(" "),
    )
}

fn missing(found: &Found) -> String {
    match (found.toolchains.first(), found.linkers.first()) {
        (None, None) => {
            format!("no Rust toolchain here has `core` for {TARGET}, and no bpf-linker here fits")
        }
        (None, Some(_)) => format!("no Rust toolchain here has `core` for {TARGET}"),
        (Some(_), None) => "no bpf-linker here fits the Rust toolchain for BPF".to_owned(),
        (Some(toolchain), Some(linker)) => {
            format!(
                "toolchain `{}` has LLVM {}, and {} works with LLVM {}",
                toolchain.name,
                toolchain.llvm,
                linker.path.display(),
                linker.llvm.unwrap_or(LINKER_LLVM)
            )
        }
    }
}
