//! Programs from the distribution's packages. apt never gets to remove one.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::step::{Step, capture};

/// Makes sure that each program is there, from the package named beside it.
pub(crate) fn provide(programs: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<_> = programs.iter().filter(|(program, _)| !is_there(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(unknown) = unknown(&missing.iter().map(|(_, package)| *package).collect::<Vec<_>>())? else {
        let names: Vec<_> = missing.iter().map(|(program, _)| *program).collect();
        bail!("these programs are missing, and there is no apt to install them: {}", names.join(", "));
    };
    if !unknown.is_empty() {
        bail!("apt has no package {}: install it by hand, then try again", unknown.join(", "));
    }
    install(&missing.iter().map(|(_, package)| *package).collect::<Vec<_>>())
}

/// The packages that apt cannot install, even after an update; nothing if there is no apt.
pub(crate) fn unknown<'a>(packages: &[&'a str]) -> Result<Option<Vec<&'a str>>> {
    let Some(unknown) = without_candidate(packages) else {
        return Ok(None);
    };
    if unknown.is_empty() {
        return Ok(Some(unknown));
    }
    update()?;
    Ok(without_candidate(packages))
}

pub(crate) fn install(packages: &[&str]) -> Result<()> {
    // tshark asks a question otherwise.
    let step = Step::new("env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-remove")
        .arg("--no-install-recommends");
    let step = packages.iter().fold(step, |step, package| step.arg(*package)).privileged();
    // A list of packages that is a few days old names files that the mirrors no longer have.
    step.run("setup").or_else(|_| update().and_then(|()| step.run("setup")))
}

/// Asks the archives what they have.
pub(crate) fn update() -> Result<()> {
    Step::new("apt-get update -q").privileged().run("setup")
}

fn without_candidate<'a>(packages: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut args = vec!["policy"];
    args.extend(packages);
    let policy = capture("apt-cache", &args)?;
    Some(packages.iter().copied().filter(|package| !has_candidate(&policy, package)).collect())
}

/// Reads `apt-cache policy`, which leaves out what it never heard of.
fn has_candidate(policy: &str, package: &str) -> bool {
    policy
        .lines()
        .skip_while(|line| line.strip_suffix(':') != Some(package))
        .find_map(|line| line.trim_start().strip_prefix("Candidate: "))
        .is_some_and(|version| version != "(none)")
}

pub(crate) fn is_there(program: &str) -> bool {
    find(Path::new(program)).is_some()
}

/// Where a program stands; a path stays as it is.
pub(crate) fn find(program: &Path) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Debian leaves the sbin folders out of a user's PATH; sudo has them.
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/local/sbin"].map(Into::into))
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "rustc-web:
  Installed: (none)
  Candidate: 1.96.0+dfsg1-1~deb12u2
  Version table:
     1.96.0+dfsg1-1~deb12u2 500
gone:
  Installed: (none)
  Candidate: (none)
  Version table:
";

    #[test]
    fn a_package_with_a_version_can_be_installed() {
        assert!(has_candidate(POLICY, "rustc-web"));
    }

    #[test]
    fn a_package_without_a_version_or_unknown_cannot() {
        assert!(!has_candidate(POLICY, "gone"));
        assert!(!has_candidate(POLICY, "never-heard-of"));
        assert!(!has_candidate("", "rustc-web"));
    }
}
