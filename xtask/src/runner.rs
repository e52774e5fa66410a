//! Cargo as the user, and only what it starts as root: a root cargo would leave files that the user cannot replace.

use anyhow::{Context as _, Result, bail};

use crate::step::{POWER, Power, Step, capture};

/// Makes cargo start what it built, be it a program or tests, as root.
pub(crate) fn as_root(cargo: Step) -> Result<Step> {
    match *POWER {
        Power::Root => Ok(cargo),
        Power::Sudo => {
            let version = capture("rustc", &["-vV"]).context("cannot ask rustc what it compiles for")?;
            let host = host(&version).context("`rustc -vV` does not name its host")?;
            let variable = format!("CARGO_TARGET_{}_RUNNER", host.replace('-', "_").to_uppercase());
            Ok(cargo.env(variable, "sudo -E"))
        }
        Power::None => bail!("`{cargo}` needs root, and there is no sudo: run it as root"),
    }
}

/// What `rustc -vV` says that it compiles for.
pub(crate) fn host(version: &str) -> Option<&str> {
    version.lines().find_map(|line| line.strip_prefix("host: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_in_the_verbose_version() {
        let version = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(host(version), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(host("rustc 1.95.0\n"), None);
    }
}
