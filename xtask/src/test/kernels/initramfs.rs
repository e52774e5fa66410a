//! All the files of a guest, in one archive that the kernel unpacks into its memory.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::archive::{Kernel, Tools};
use super::suites::Suite;
use crate::setup::packages;

const INIT: &str = include_str!("init.sh");

/// What `init.sh`, the tests and checker call, as busybox has it. Not `ip`: busybox has one, and it is not the one.
const APPLETS: [&str; 7] = ["sh", "mount", "modprobe", "poweroff", "cat", "sleep", "cp"];

/// This machine's own programs.
const PROGRAMS: [&str; 6] = ["ip", "tc", "bpftool", "setpriv", "xdp-loader", "xdp-filter"];

/// Where libxdp and xdp-filter look for their kernel programs.
const OBJECTS: &str = "usr/lib/x86_64-linux-gnu/bpf";

/// Modules that the tests need: interfaces, and the hook for outgoing packets before TCX. The kernel loads them itself,
/// but for those that `init.sh` loads.
const MODULES: [&str; 9] =
    ["veth", "bridge", "tun", "bonding", "8021q", "macvlan", "sch_ingress", "cls_bpf", "cls_u32"];

/// Writes the archive of a guest under its name; gives its path.
pub(super) fn write(
    folder: &Path,
    tools: &Tools,
    kernel: &Kernel,
    name: &str,
    suites: &[Suite],
) -> Result<PathBuf> {
    let root = folder.join(format!("{name}.root"));
    let _nothing_there = fs::remove_dir_all(&root);
    for place in ["bin", "sbin", "dev", "proc", "sys", "tmp", "run", "tests", "lib/modules"] {
        fs::create_dir_all(root.join(place)).with_context(|| format!("cannot make {}", root.display()))?;
    }
    fill(&root, tools, suites)?;
    modules(kernel, &root, &MODULES)?;
    pack(&root, tools, &folder.join(format!("{name}.cpio")))
}

/// Makes the archive of a folder, which goes.
pub(super) fn pack(root: &Path, tools: &Tools, archive: &Path) -> Result<PathBuf> {
    // Everything belongs to root, whoever packs it.
    let pack = r#"cd "$0" && find . | "$1" cpio -o -H newc -R 0:0 >"$2""#;
    let mut packing = Command::new("sh");
    packing.args(["-c", pack]).arg(root).arg(tools.program("busybox")).arg(archive);
    let packed = packing.output().context("cannot start sh")?;
    let said = String::from_utf8_lossy(&packed.stderr);
    ensure!(packed.status.success(), "cannot pack {}: {}", archive.display(), said.trim());
    fs::remove_dir_all(root).with_context(|| format!("cannot remove {}", root.display()))?;
    Ok(archive.to_owned())
}

fn fill(root: &Path, tools: &Tools, suites: &[Suite]) -> Result<()> {
    let mut dynamic = programs(root, tools, &APPLETS, &PROGRAMS, suites)?;
    for suite in suites {
        strip(&suite.binary, &root.join("tests").join(suite.name))?;
        dynamic.push(suite.binary.clone());
    }
    libraries(root, None, &dynamic)?;
    fs::create_dir_all(root.join(OBJECTS))?;
    for object in fs::read_dir(Path::new("/").join(OBJECTS)).context("libxdp has no objects")? {
        let object = object?;
        copy(&object.path(), &root.join(OBJECTS).join(object.file_name()))?;
    }
    let line = |suite: &Suite| {
        let skipped: String = suite.skipped.iter().map(|test| format!(" --skip {test}")).collect();
        format!("{}{skipped}\n", suite.name)
    };
    fs::write(root.join("tests/list"), suites.iter().map(line).collect::<String>())?;
    fs::write(root.join("init"), INIT)?;
    fs::set_permissions(root.join("init"), fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// busybox, this machine's programs and the command under test; gives those that need libraries.
pub(super) fn programs(
    root: &Path,
    tools: &Tools,
    applets: &[&str],
    programs: &[&str],
    suites: &[Suite],
) -> Result<Vec<PathBuf>> {
    let bin = root.join("bin");
    let busybox = packages::find(&tools.program("busybox")).context("busybox is gone")?;
    copy(&busybox, &bin.join("busybox"))?;
    for applet in applets {
        symlink("busybox", bin.join(applet))?;
    }
    // Where the kernel looks for it.
    symlink("../bin/busybox", root.join("sbin/modprobe"))?;
    let mut dynamic = Vec::new();
    for program in programs {
        let from = packages::find(Path::new(program)).with_context(|| format!("{program} is gone"))?;
        copy(&from, &bin.join(program))?;
        dynamic.push(from);
    }
    let first = suites.first().context("there are no tests")?;
    let target = first.binary.ancestors().nth(3).context("the tests lie in no target folder")?;
    let checker = target.join("release/checker");
    strip(&checker, &bin.join("checker"))?;
    dynamic.push(checker);
    Ok(dynamic)
}

/// Without what only debuggers read: a tenth of the size.
fn strip(from: &Path, to: &Path) -> Result<()> {
    let stripped = Command::new("strip").arg("-g").arg("-o").arg(to).arg(from).status();
    ensure!(stripped.context("cannot start strip")?.success(), "cannot strip {}", from.display());
    Ok(())
}

/// What these programs need, of this machine or of what is `unpacked`.
pub(super) fn libraries(root: &Path, unpacked: Option<&Tools>, programs: &[PathBuf]) -> Result<()> {
    let mut libraries = BTreeSet::new();
    for program in programs {
        let path = unpacked.map(Tools::library_path).unwrap_or_default();
        let printed = Command::new("ldd").arg(program).env("LD_LIBRARY_PATH", path).output();
        let printed = printed.context("cannot start ldd")?.stdout;
        libraries.extend(named(&String::from_utf8_lossy(&printed)).map(str::to_owned));
    }
    for library in libraries {
        let library = Path::new(&library);
        let place = unpacked.map_or(library, |tools| tools.place(library));
        let to = root.join(place.strip_prefix("/").unwrap_or(place));
        fs::create_dir_all(to.parent().context("a library without a folder")?)?;
        copy(library, &to)?;
    }
    Ok(())
}

/// Files that `ldd` names: "libc.so.6 => /lib/libc.so.6 (0x7f…)", "/lib64/ld-linux-x86-64.so.2 (0x7f…)".
fn named(printed: &str) -> impl Iterator<Item = &str> {
    printed.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')))
}

/// These modules and what they depend on.
pub(super) fn modules(kernel: &Kernel, root: &Path, wanted: &[&str]) -> Result<()> {
    let to = root.join("lib/modules").join(&kernel.version);
    fs::create_dir_all(&to)?;
    let table = kernel.modules.join("modules.dep");
    let table = fs::read_to_string(&table).with_context(|| format!("cannot read {}", table.display()))?;
    for module in wanted {
        let files = with_dependencies(&table, module);
        ensure!(!files.is_empty(), "Linux {} has no module {module}", kernel.version);
        for file in files {
            fs::create_dir_all(to.join(file).parent().context("a module without a folder")?)?;
            copy(&kernel.modules.join(file), &to.join(file))?;
        }
    }
    ["modules.dep", "modules.alias", "modules.builtin"]
        .iter()
        .try_for_each(|table| copy(&kernel.modules.join(table), &to.join(table)))
}

/// The file of a module and those it depends on, from the table that `depmod` writes.
fn with_dependencies<'a>(table: &'a str, module: &str) -> Vec<&'a str> {
    let file = format!("/{module}.ko");
    let line = table.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.ends_with(&file));
    line.map_or_else(Vec::new, |(name, others)| [name].into_iter().chain(others.split_whitespace()).collect())
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_comes_with_what_it_depends_on() {
        let table = "kernel/net/bridge/br_netfilter.ko: kernel/net/bridge/bridge.ko\n\
                     kernel/net/bridge/bridge.ko: kernel/net/802/stp.ko kernel/net/llc/llc.ko\n\
                     kernel/drivers/net/veth.ko:\n";
        assert_eq!(with_dependencies(table, "veth"), ["kernel/drivers/net/veth.ko"]);
        let bridge = ["kernel/net/bridge/bridge.ko", "kernel/net/802/stp.ko", "kernel/net/llc/llc.ko"];
        assert_eq!(with_dependencies(table, "bridge"), bridge);
        assert!(with_dependencies(table, "filter").is_empty());
    }

    #[test]
    fn libraries_are_named_with_their_path() {
        let printed = "\tlinux-vdso.so.1 (0x7ffd)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x7f)\n\
                       \t/lib64/ld-linux-x86-64.so.2 (0x7f)\n\tstatically linked\n";
        let libraries: Vec<_> = named(printed).collect();
        assert_eq!(libraries, ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"]);
    }
}
