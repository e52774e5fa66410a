//! Says of a list that could not be read that it is the sandbox's doing, and what to do about it.

use std::path::{Path, PathBuf};

use anyhow::{Error, anyhow};

use crate::ranges::spec::ListSpec;

/// Those of `lists` that the sandbox keeps out; `readable` is what [`confine`](super::confine::confine) gave.
#[must_use]
pub fn outside(readable: &[PathBuf], lists: &[ListSpec]) -> Vec<String> {
    let within = |path: &Path| readable.is_empty() || readable.iter().any(|folder| path.starts_with(folder));
    let files = lists.iter().filter(|list| list.remote.is_none() && !within(&list.path));
    files.map(|list| list.path.display().to_string()).collect()
}

/// The error with the reason, if it is about one of those.
#[must_use]
pub fn hint(readable: &[PathBuf], outside: &[String], error: Error) -> Error {
    let said = format!("{error:#}");
    if !outside.iter().any(|path| said.contains(path)) {
        return error;
    }
    let folders: Vec<_> = readable.iter().map(|folder| folder.display().to_string()).collect();
    anyhow!(
        "{said}; the daemon's sandbox reads lists from {} and what is below only: start it with --list-dir",
        folders.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_outside_is_explained() -> anyhow::Result<()> {
        let readable = [PathBuf::from("/etc/lists")];
        let lists = ["/etc/lists/one.txt", "/home/two.txt"]
            .map(|path| Ok(ListSpec::new("ONE".parse()?, path.into())));
        let lists: Vec<_> = lists.into_iter().collect::<anyhow::Result<_>>()?;
        let outside = outside(&readable, &lists);
        assert_eq!(outside, ["/home/two.txt"]);
        let said = |error: &str| hint(&readable, &outside, anyhow!(error.to_owned())).to_string();
        assert!(said("/home/two.txt: cannot be read: Permission denied").contains("from /etc/lists and"));
        assert_eq!(said("/etc/lists/one.txt: cannot be read"), "/etc/lists/one.txt: cannot be read");
        Ok(())
    }

    #[test]
    fn without_a_sandbox_nothing_is_outside() -> anyhow::Result<()> {
        assert!(outside(&[], &[ListSpec::new("ONE".parse()?, "/home/two.txt".into())]).is_empty());
        Ok(())
    }
}
