//! Reads a list's file: names it, limits its size and hashes it, before anybody looks at what it says.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::FileTypeExt as _,
    path::{self, Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{action::Action, label::Label};
use crate::printable::printable;

/// Largest list, in bytes: some thirty million IPv4 prefixes. It keeps a wrong path from filling the memory.
pub const MAX_LIST_BYTES: u64 = 512 << 20;

/// A list as the user names it: on the command line, in `checker.toml`, in a request to the daemon.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListSpec {
    /// What to call it.
    pub label: Label,
    /// Its file.
    pub path: PathBuf,
    /// What its ranges ask for.
    #[serde(default)]
    pub action: Action,
}

/// A list's file as it was read.
#[derive(Debug)]
pub struct Source {
    /// Which list it is.
    pub spec: ListSpec,
    /// All of the file, at most [`MAX_LIST_BYTES`].
    pub bytes: Vec<u8>,
    /// Hash of `bytes`, so that an alert can name the version of the list.
    pub sha256: [u8; 32],
}

/// Reads the file of a list whole: a file, or a pipe such as a shell's `<(…)`.
///
/// # Errors
///
/// One sentence that names the path: it cannot be read, is a directory or a device, or is too large.
pub fn read(spec: &ListSpec) -> Result<Source> {
    read_at_most(spec, MAX_LIST_BYTES)
}

impl ListSpec {
    /// A list whose label nobody gave: it is called as its file is, up to the first dot.
    ///
    /// # Errors
    ///
    /// When that part of the file's name cannot be a label.
    pub fn named_by_file(path: PathBuf, action: Action) -> Result<Self> {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let label = name.split('.').next().unwrap_or_default().parse();
        let label = label.ok().with_context(|| {
            format!("the name of \"{}\" cannot be its label; give one as LABEL=PATH", shown(&path))
        })?;
        Ok(Self { label, path, action })
    }

    /// The same list for another process: its path no longer depends on the working directory.
    ///
    /// # Errors
    ///
    /// When the path is empty or the working directory is gone.
    pub fn absolute(self) -> io::Result<Self> {
        Ok(Self { path: path::absolute(&self.path)?, ..self })
    }

    /// The path as messages show it.
    #[must_use]
    pub fn shown_path(&self) -> String {
        shown(&self.path)
    }
}

impl FromStr for ListSpec {
    type Err = anyhow::Error;

    /// Reads `[LABEL=]PATH`. What stands before the first `=` is a path when it has a `/`.
    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('=').filter(|(label, _)| !label.contains('/')) {
            Some((label, path)) => {
                ensure!(!path.is_empty(), "\"{}\" names no file; write LABEL=PATH", printable(text));
                Ok(Self { label: label.parse()?, path: path.into(), action: Action::default() })
            }
            None => Self::named_by_file(text.into(), Action::default()),
        }
    }
}

fn read_at_most(spec: &ListSpec, limit: u64) -> Result<Source> {
    let path = spec.shown_path();
    let unreadable = |error: io::Error| anyhow::anyhow!("{path}: cannot be read: {error}");

    let file = File::open(&spec.path).map_err(unreadable)?;
    let kind = file.metadata().map_err(unreadable)?.file_type();
    if kind.is_dir() {
        bail!("{path}: is a directory, not a list");
    }
    // A device may have no end, and a terminal would wait for somebody to type.
    ensure!(kind.is_file() || kind.is_fifo(), "{path}: is neither a file nor a pipe");

    let mut bytes = Vec::new();
    // One more than allowed, to tell a list that just fits from one that does not.
    let read = file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    ensure!(read as u64 <= limit, "{path}: is larger than {} MiB", limit >> 20);

    let sha256 = Sha256::digest(&bytes).into();
    Ok(Source { spec: spec.clone(), bytes, sha256 })
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use std::{io::Write as _, os::fd::AsRawFd as _};

    use super::*;

    fn spec(text: &str) -> ListSpec {
        text.parse().unwrap()
    }

    fn refusal(text: &str) -> String {
        text.parse::<ListSpec>().unwrap_err().to_string()
    }

    #[test]
    fn a_label_may_stand_before_the_path() {
        for (text, label, path) in [
            ("ONE=one.txt", "ONE", "one.txt"),
            ("D:5=/etc/lists/a=b.txt", "D:5", "/etc/lists/a=b.txt"),
            ("lists/cn.zone", "cn", "lists/cn.zone"),
            ("cn-aggregated.zone.txt", "cn-aggregated", "cn-aggregated.zone.txt"),
            ("/srv/a=b/one.txt", "one", "/srv/a=b/one.txt"),
            ("./ONE=one.txt", "ONE=one.txt", ""),
        ] {
            // `=` cannot stand in a label, so the last one is refused.
            match text.parse::<ListSpec>() {
                Ok(spec) => assert_eq!((spec.label.as_str(), spec.path.as_path()), (label, Path::new(path))),
                Err(error) => assert!(path.is_empty(), "{text}: {error}"),
            }
        }
    }

    #[test]
    fn a_name_that_is_no_label_asks_for_one() {
        for (text, shown) in
            [("", ""), (".hidden", ".hidden"), ("a b.txt", "a b.txt"), ("/x/\n.t", r"/x/\n.t")]
        {
            let expected = format!("the name of \"{shown}\" cannot be its label; give one as LABEL=PATH");
            assert_eq!(refusal(text), expected);
        }
        assert_eq!(refusal("ONE="), "\"ONE=\" names no file; write LABEL=PATH");
        assert!(refusal("=one.txt").starts_with("\"\" cannot be a label"));
    }

    #[test]
    fn a_client_sends_the_whole_path() {
        let sent = spec("ONE=one.txt").absolute().unwrap();
        assert_eq!(sent.path, std::env::current_dir().unwrap().join("one.txt"));
    }

    #[test]
    fn a_pipe_is_read_and_hashed() {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"abc").unwrap();
        drop(writer);
        let source = read(&spec(&format!("ONE=/proc/self/fd/{}", reader.as_raw_fd()))).unwrap();
        assert_eq!(source.bytes, b"abc");
        assert_eq!(source.sha256[..4], [0xba, 0x78, 0x16, 0xbf]);
    }

    #[test]
    fn what_is_no_list_is_refused_by_name() {
        let refused = |path: &str| read(&spec(&format!("ONE={path}"))).unwrap_err().to_string();
        assert_eq!(refused("/proc"), "/proc: is a directory, not a list");
        assert_eq!(refused("/dev/zero"), "/dev/zero: is neither a file nor a pipe");
        assert!(refused("/no/such").starts_with("/no/such: cannot be read: No such file"));
    }

    #[test]
    fn the_limit_is_a_limit() {
        let (reader, mut writer) = io::pipe().unwrap();
        let spec = spec(&format!("ONE=/proc/self/fd/{}", reader.as_raw_fd()));
        writer.write_all(b"1234567812345678").unwrap();
        drop(writer);
        assert!(read_at_most(&spec, 7).unwrap_err().to_string().ends_with(": is larger than 0 MiB"));
        assert_eq!(read_at_most(&spec, 8).unwrap().bytes.len(), 8, "the rest of the pipe just fits");
    }
}
