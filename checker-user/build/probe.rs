//! Asks one toolchain, or one linker, what it is. Looking installs nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::needs::{Core, DEBIAN_TOOLCHAIN, LINKER_VERSION, Linker, TARGET, Toolchain};

/// The toolchain of that name, if it is there and has `core` for BPF.
pub(crate) fn toolchain(name: &'static str) -> Option<Toolchain> {
    let sysroot = sysroot(name)?;
    let libraries = sysroot.join("lib/rustlib");
    // Only a nightly may build `core` from its source.
    let core = if name != DEBIAN_TOOLCHAIN && libraries.join("src/rust/library/core").is_dir() {
        Core::Source
    } else if has_core(&libraries.join(TARGET).join("lib")) {
        Core::Prebuilt
    } else {
        return None;
    };
    let rustc = sysroot.join("bin/rustc");
    let version = output(Command::new(&rustc).arg("-vV"))?;
    Some(Toolchain { name, core, llvm: llvm_of(&version)?, libllvm: linked_llvm(&rustc) })
}

/// The linker at that path, if it is there and one can tell which LLVM it works with.
pub(crate) fn linker(path: PathBuf) -> Option<Linker> {
    if !path.is_file() {
        return None;
    }
    let llvm = linked_llvm(&path).and_then(|library| major(&library));
    // Of the releases that borrow an LLVM, or have one built in, only this one is known to fit.
    if llvm.is_none()
        && output(Command::new(&path).arg("--version"))?.split_whitespace().last() != Some(LINKER_VERSION)
    {
        return None;
    }
    Some(Linker { path, llvm })
}

/// The folder of a toolchain.
pub(crate) fn sysroot(name: &str) -> Option<PathBuf> {
    let print = ["--print", "sysroot"];
    let printed = if has_rustup() {
        let mut rustup = Command::new("rustup");
        output(rustup.args(["run", name, "rustc"]).args(print).env("RUSTUP_AUTO_INSTALL", "0"))?
    } else if name == DEBIAN_TOOLCHAIN {
        // Without rustup there is one toolchain, and aya-build takes it.
        output(Command::new("rustc").args(print))?
    } else {
        return None;
    };
    Some(PathBuf::from(printed.trim()))
}

pub(crate) fn has_rustup() -> bool {
    Command::new("rustup").arg("--version").output().is_ok()
}

fn has_core(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|mut entries| {
        entries
            .any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libcore-")))
    })
}

/// The major LLVM version in `rustc -vV`.
fn llvm_of(version: &str) -> Option<u32> {
    let line = version.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    line.split('.').next()?.parse().ok()
}

/// The `libLLVM` that the loader finds for a program.
fn linked_llvm(program: &Path) -> Option<PathBuf> {
    library_in(&output(Command::new("ldd").arg(program))?)
}

fn library_in(ldd: &str) -> Option<PathBuf> {
    let line = ldd.lines().find(|line| line.trim_start().starts_with("libLLVM"))?;
    let (_, path) = line.split_once(" => ")?;
    let (path, _address) = path.rsplit_once(" (")?;
    Some(PathBuf::from(path))
}

fn major(library: &Path) -> Option<u32> {
    let name = library.file_name()?.to_str()?;
    name.split(|letter: char| !letter.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_llvm_version_is_the_major_number_that_rustc_prints() {
        assert_eq!(llvm_of("rustc 1.96.0\nrelease: 1.96.0\nLLVM version: 22.1.8\n"), Some(22));
        assert_eq!(llvm_of("rustc 1.96.0\nrelease: 1.96.0\n"), None);
    }

    #[test]
    fn the_library_is_the_one_that_the_loader_names() {
        let rustup = "\tlibc.so.6 => /lib/libc.so.6 (0x00)\n\tlibLLVM.so.22.1-rust-1.97.0-nightly => /a b/lib/libLLVM.so.22.1-rust-1.97.0-nightly (0x00007f87)\n";
        let library = library_in(rustup);
        assert_eq!(library.as_deref(), Some(Path::new("/a b/lib/libLLVM.so.22.1-rust-1.97.0-nightly")));
        assert_eq!(library_in("\tlibc.so.6 => /lib/libc.so.6 (0x00)\n"), None);
        assert_eq!(library_in("\tlibLLVM.so.22.1 => not found\n"), None);
    }

    #[test]
    fn the_linkers_llvm_is_in_the_name_of_its_library() {
        for name in ["libLLVM.so.22.1", "libLLVM.so.22.1-rust-1.95.0-stable", "libLLVM-22.so.1"] {
            assert_eq!(major(Path::new(name)), Some(22), "{name}");
        }
    }
}
