//! What a guest takes from the archive of the running Debian: QEMU, busybox, kernels with their modules.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::TASK;
use super::unpack::{unless_stale, unpack};
use crate::setup::packages;
use crate::step::{Step, capture};

/// Unpacked programs that this machine does not have.
#[derive(Debug)]
pub(super) struct Tools(PathBuf);

impl Tools {
    /// Where the program stands: unpacked, or the name of one that is installed.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        let unpacked = ["usr/bin", "bin"].map(|folder| self.0.join(folder).join(name));
        unpacked.into_iter().find(|path| path.is_file()).unwrap_or_else(|| name.into())
    }

    /// Where a file of a package stands, and its place in a system: unpacked, or installed. Packages have `/usr` in front
    /// of it or not.
    pub(super) fn file(&self, path: &str) -> Option<(PathBuf, PathBuf)> {
        let places = [Path::new("usr").join(path), path.into()];
        let here = |root: &Path| places.iter().find(|place| root.join(place).is_file()).cloned();
        [&*self.0, Path::new("/")]
            .into_iter()
            .find_map(|root| here(root).map(|place| (root.join(&place), place)))
    }

    /// The place in a system of a file that stands here.
    pub(super) fn place<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.0).unwrap_or(path)
    }

    pub(super) fn libraries(&self) -> PathBuf {
        self.0.join("usr/lib/x86_64-linux-gnu")
    }

    /// Where the libraries of what is unpacked are, as the loader of programs takes it.
    pub(super) fn library_path(&self) -> OsString {
        let folders = ["usr/lib", "lib"].map(|lib| self.0.join(lib).join("x86_64-linux-gnu"));
        let folders = folders.iter().flat_map(|folder| [folder.clone(), folder.join("systemd")]);
        env::join_paths(folders.filter(|folder| folder.is_dir())).unwrap_or_default()
    }

    /// Firmware that is unpacked; QEMU knows itself where the installed one is.
    pub(super) fn firmware(&self) -> Vec<PathBuf> {
        let folders = ["usr/share/qemu", "usr/share/seabios"].map(|folder| self.0.join(folder));
        folders.into_iter().filter(|folder| folder.is_dir()).collect()
    }
}

/// An unpacked kernel and its modules.
#[derive(Debug)]
pub(super) struct Kernel {
    /// As `uname -r` says it.
    pub(super) version: String,
    pub(super) image: PathBuf,
    /// Where `modules.dep` stands.
    pub(super) modules: PathBuf,
}

/// QEMU and busybox. Unpacked even with an apt that could install them: Debian's QEMU cannot be installed beside the
/// backports' `qemu-utils`, which some machines have.
pub(super) fn tools(folder: &Path) -> Result<Tools> {
    let wanted = [("qemu-system-x86_64", "qemu-system-x86"), ("busybox", "busybox-static")];
    programs(folder, "tools", &wanted)
}

/// systemd: this machine's, or that of the archive.
pub(super) fn systemd(folder: &Path) -> Result<Tools> {
    programs(folder, "systemd", &[("systemctl", "systemd")])
}

fn programs(folder: &Path, name: &str, wanted: &[(&str, &str)]) -> Result<Tools> {
    let missing: Vec<_> = wanted
        .iter()
        .filter(|(program, _)| !packages::is_there(program))
        .map(|(_, package)| *package)
        .collect();
    let unpacked = || -> Result<PathBuf> {
        let mut args = vec!["install", "--simulate", "--no-install-recommends"];
        args.extend(&missing);
        let plan = capture("apt-get", &args).context("there is no apt to fetch them with")?;
        let packages = installed(&plan);
        ensure!(!packages.is_empty(), "apt has no package {}", missing.join(", "));
        unpack(folder, name, &packages)
    };
    Ok(Tools(if missing.is_empty() { folder.join(name) } else { unless_stale(unpacked)? }))
}

/// The newest kernel whose package fits `pattern`.
pub(super) fn kernel(folder: &Path, tools: &Tools, pattern: &str) -> Result<Kernel> {
    let unpacked = || -> Result<PathBuf> {
        let found = capture("apt-cache", &["search", "--names-only", pattern]);
        let found = found.context("there is no apt to fetch kernels with")?;
        let package = newest(&found).with_context(|| {
            format!("apt has no kernel like {pattern}: Debian 12 with its security updates has")
        })?;
        unpack(folder, package, &[package])
    };
    let unpacked = unless_stale(unpacked)?;
    let modules = unpacked.join("lib/modules");
    let broken = || format!("{} holds no kernel: remove it, then try again", unpacked.display());
    let mut versions = fs::read_dir(&modules).with_context(broken)?;
    let version = versions.next().with_context(broken)??.file_name().to_string_lossy().into_owned();
    let image = unpacked.join(format!("boot/vmlinuz-{version}"));
    ensure!(image.is_file(), broken());
    let modules = modules.join(&version);
    if !modules.join("modules.dep").is_file() {
        let busybox = tools.program("busybox").display().to_string();
        // busybox hands packed modules, which newer kernels have, to the kernel as they are.
        let unpack = Step::new(&format!("{busybox} find")).arg(modules.display().to_string());
        unpack
            .arg("-name")
            .arg("*.ko.xz")
            .arg("-exec")
            .arg(&busybox)
            .arg("unxz")
            .arg("{}")
            .arg("+")
            .run(TASK)?;
        let depmod = Step::new(&format!("{busybox} depmod -b")).arg(unpacked.display().to_string());
        depmod.arg(&version).run(TASK)?;
    }
    Ok(Kernel { version, image, modules })
}

/// Packages that a simulated `apt-get install` would install.
fn installed(plan: &str) -> Vec<&str> {
    plan.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next()).collect()
}

/// Of lines of `name - description`, the name with the highest numbers.
fn newest(found: &str) -> Option<&str> {
    let numbers = |name: &str| -> Vec<u64> {
        name.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
    };
    found.lines().filter_map(|line| line.split(' ').next()).max_by_key(|name| numbers(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_kernel_is_the_one_with_the_highest_numbers() {
        let found = "linux-image-6.1.0-9-cloud-amd64 - Linux 6.1\nlinux-image-6.1.0-56-cloud-amd64 - Linux 6.1\n\
                     linux-image-6.1.0-48-cloud-amd64 - Linux 6.1\n";
        assert_eq!(newest(found), Some("linux-image-6.1.0-56-cloud-amd64"));
        assert_eq!(newest(""), None);
    }

    #[test]
    fn a_plan_names_what_would_be_installed_and_what_would_be_removed() {
        let plan = "Remv qemu-utils [1:10.0.2]\nInst libfdt1 (1.6.1 Debian [amd64])\nInst seabios (1.16)\nConf seabios\n";
        assert_eq!(installed(plan), ["libfdt1", "seabios"]);
    }
}
