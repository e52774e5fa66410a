//! What is pinned, for whoever only looks.

use std::{fs::File, path::Path};

use checker_common::abi;
use nix::fcntl::{Flock, FlockArg};

use super::{
    folder::{self, INGRESS},
    link,
};

/// The pins of one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Its name.
    pub interface: String,
    /// Whose they are.
    pub whose: Whose,
}

/// Whose pins are, and what comes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of a daemon that runs.
    Held,
    /// Of one that is gone: the next one goes on with these maps, by the kernel's number.
    Left(u32),
    /// `checker run --pin` would refuse them: one sentence.
    Refused(String),
}

/// Looks at each interface's pins.
#[must_use]
pub fn survey(root: &Path) -> Vec<Survey> {
    let whose = |interface: String| Survey { whose: whose(&folder::path(root, &interface)), interface };
    folder::names(root).into_iter().map(whose).collect()
}

fn whose(path: &Path) -> Whose {
    if let Err(error) = folder::own(path) {
        return Whose::Refused(format!("{error:#}"));
    }
    let version = folder::version(path);
    if version.as_ref().is_some_and(|version| *version != abi::VERSION.to_string()) {
        return Whose::Refused(format!(
            "{} is of a checker whose kernel tables are of version {}",
            path.display(),
            version.unwrap_or_default()
        ));
    }
    // A daemon that runs has it locked. It is given back at once.
    let file = File::open(path).ok();
    if file.is_some_and(|file| Flock::lock(file, FlockArg::LockSharedNonblock).is_err()) {
        return Whose::Held;
    }
    match folder::identity(path) {
        Ok(maps) => Whose::Left(maps),
        Err(error) => Whose::Refused(format!("{error:#}")),
    }
}

/// The program in the link that is pinned for what an interface of this index and name receives.
#[must_use]
pub fn receiving(root: &Path, interface: &str, index: u32) -> Option<u32> {
    let path = folder::path(root, interface).join(INGRESS);
    let seen = link::look(&link::get(&path).ok()?).ok()?;
    (seen.interface == Some(index)).then_some(seen.program)
}
