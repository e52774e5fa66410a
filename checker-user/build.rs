//! Builds the kernel program into `OUT_DIR`, twice: `checker.bpf.o` for everyone, `checker-kernel-log.bpf.o` for
//! `--kernel-log` (its log ring is a map that libbpf tools refuse, so it cannot be in the first one).
//!
//! The user side is built by stable Rust; BPF needs a toolchain that has `core` for it. Which one, the machine decides.

#[path = "build/needs.rs"]
mod needs;
#[path = "build/probe.rs"]
mod probe;
#[path = "build/advice.rs"]
mod advice;

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use aya_build::{Package, Toolchain};
use needs::{Core, Linker};

fn main() {
    if let Err(error) = build() {
        // Cargo fails a script that printed these, whatever its exit status; with status 0 it shows them and no more.
        for line in format!("{error:#}").lines() {
            println!("cargo::error={line}");
        }
    }
}

fn build() -> anyhow::Result<()> {
    // aya-build names ../checker-ebpf itself.
    for path in ["build.rs", "build", "../checker-common/src", "../Cargo.toml"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools");
    let out =
        PathBuf::from(env::var_os("OUT_DIR").context("OUT_DIR is not set: this is a script for cargo")?);

    let found = needs::look(&tools);
    let Some((toolchain, linker)) = found.route() else {
        anyhow::bail!(advice::advice(&found));
    };
    println!("cargo:rerun-if-changed={}", linker.path.display());
    choose(toolchain, linker, &out)?;

    let mut objects = vec![
        (&[][..], "checker-ebpf", "checker.bpf.o"),
        (&["kernel-log"][..], "checker-ebpf", "checker-kernel-log.bpf.o"),
    ];
    if env::var_os("CARGO_FEATURE_BENCH").is_some() {
        objects.push((&["bench"][..], "checker-bench-ebpf", "checker-bench.bpf.o"));
    }
    for (features, program, object) in objects {
        let package =
            Package { name: "checker-ebpf", root_dir: "../checker-ebpf", features, ..Package::default() };
        aya_build::build_ebpf([package], Toolchain::Custom(toolchain.name))
            .context("the kernel program does not build; the warnings say why")?;
        let (built, object) = (out.join(program), out.join(object));
        fs::rename(&built, &object).with_context(|| format!("no eBPF object at {}", built.display()))?;
        rename_unions(&object)?;
    }
    Ok(())
}

/// bpf-linker turns `<` and `>` in the names of structs into something that the kernel takes for an identifier, but
/// not in the names of unions, and with one such name the kernel refuses all type information of the object
/// (`btf_name_valid_identifier` in `kernel/bpf/btf.c`). aya-log brings one: a static of type `Global<u8>`.
fn rename_unions(object: &Path) -> anyhow::Result<()> {
    const NAMES: [(&[u8], &[u8]); 1] = [(b"\0MaybeUninit<u8>\0", b"\0MaybeUninit_u8_\0")];
    let mut bytes = fs::read(object).with_context(|| format!("cannot read {}", object.display()))?;
    for (refused, accepted) in NAMES {
        for at in 0..bytes.len().saturating_sub(refused.len()) {
            if bytes[at..].starts_with(refused) {
                bytes[at..at + refused.len()].copy_from_slice(accepted);
            }
        }
    }
    fs::write(object, bytes).with_context(|| format!("cannot write {}", object.display()))
}

/// Tells the inner build, through the environment it inherits, what was chosen.
fn choose(toolchain: &needs::Toolchain, linker: &Linker, out: &Path) -> anyhow::Result<()> {
    // By its path: `rustup run` puts ~/.cargo/bin first in PATH, and the linker there may be another one.
    let variable = format!("CARGO_TARGET_{}_LINKER", needs::TARGET.replace('-', "_").to_uppercase());
    set(&variable, linker.path.as_os_str());
    // The compiler's messages come as warnings; what cargo is doing meanwhile is none.
    set("CARGO_TERM_QUIET", "true".as_ref());
    if toolchain.core == Core::Prebuilt {
        // Opens the unstable feature that both need: BPF's own instructions. Not `1`: aya-build would take it for a
        // nightly and build `core`.
        set("RUSTC_BOOTSTRAP", "aya_ebpf,checker_ebpf".as_ref());
    }
    if linker.llvm.is_none()
        && let Some(library) = &toolchain.libllvm
    {
        let others = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        let folders = [lend(library, out)?].into_iter().chain(env::split_paths(&others));
        set("LD_LIBRARY_PATH", &env::join_paths(folders)?);
    }
    Ok(())
}

/// Puts the LLVM of the toolchain in a folder of its own: the linker opens the first `libLLVM*` it sees in a folder,
/// and a system folder may hold several.
fn lend(library: &Path, out: &Path) -> anyhow::Result<PathBuf> {
    let folder = out.join("llvm");
    let link = folder.join("libLLVM.so");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if link.is_symlink() {
        fs::remove_file(&link).with_context(|| format!("cannot replace {}", link.display()))?;
    }
    symlink(library, &link).with_context(|| format!("cannot make {}", link.display()))?;
    Ok(folder)
}

fn set(variable: &str, value: &OsStr) {
    // SAFETY: this script has one thread; aya-build starts its threads later and joins them before it returns.
    unsafe { env::set_var(variable, value) };
}
