//! Packages, downloaded and unpacked, never installed. What is unpacked stays, with the names of its files beside it: so
//! a new version is fetched, and the same one is not fetched again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::TASK;
use crate::setup::packages;
use crate::step::{Step, capture, say};

/// Lists of packages that are a few days old name files that the mirrors no longer have, or none at all.
pub(super) fn unless_stale(fetch: impl Fn() -> Result<PathBuf>) -> Result<PathBuf> {
    fetch().or_else(|error| {
        say(&format!("{TASK}: {error:#}"));
        packages::update().and_then(|()| fetch())
    })
}

/// Downloads the packages and unpacks them all into one folder, unless they are there.
pub(super) fn unpack(folder: &Path, name: &str, packages: &[&str]) -> Result<PathBuf> {
    let mut args = vec!["download", "--print-uris"];
    args.extend(packages);
    // 'http://…' linux-image-6.1.0-1-cloud-amd64_6.1.1-1_amd64.deb 26713492 SHA256:…
    let uris = capture("apt-get", &args).unwrap_or_default();
    let files: Vec<_> = uris.lines().filter_map(|line| line.split(' ').nth(1)).collect();
    ensure!(files.len() == packages.len(), "apt cannot download {}", packages.join(" "));
    let (place, contents) = (folder.join(name), files.join("\n"));
    let stamp = folder.join(format!("{name}.files"));
    if place.is_dir() && fs::read_to_string(&stamp).is_ok_and(|unpacked| unpacked == contents) {
        return Ok(place);
    }
    let _nothing_there = fs::remove_dir_all(&place);
    let downloads = folder.join(format!("{name}.downloads"));
    let _nothing_there = fs::remove_dir_all(&downloads);
    fs::create_dir_all(&downloads).with_context(|| format!("cannot make {}", downloads.display()))?;
    // As root, apt complains that its own user may not write into the target folder.
    let step = Step::new("apt-get download -qq -o APT::Sandbox::User=root").in_folder(&downloads);
    packages.iter().fold(step, |step, package| step.arg(*package)).run(TASK)?;
    say(&format!("{TASK}: dpkg -x into {}", place.display()));
    for package in fs::read_dir(&downloads).context("cannot read what apt downloaded")? {
        let package = package?.path();
        let unpacked = Command::new("dpkg").arg("-x").arg(&package).arg(&place).output();
        let unpacked = unpacked.context("cannot start dpkg")?;
        let said = String::from_utf8_lossy(&unpacked.stderr);
        ensure!(unpacked.status.success(), "cannot unpack {}: {}", package.display(), said.trim());
    }
    fs::remove_dir_all(&downloads).context("cannot remove what apt downloaded")?;
    fs::write(&stamp, contents).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(place)
}
