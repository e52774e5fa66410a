//! Reads a list's file: names it, limits its size and hashes it, before anybody looks at what it says.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::FileTypeExt as _,
    path::Path,
};

use anyhow::{Result, bail, ensure};
use nix::unistd::Uid;
use sha2::{Digest as _, Sha256};

use super::{
    remote::{obtain::obtain, pin::Pin},
    spec::ListSpec,
};
use crate::printable::printable;

/// Largest list, in bytes: some thirty million IPv4 prefixes. It keeps a wrong path from filling the memory.
pub const MAX_LIST_BYTES: u64 = 512 << 20;

/// A list's file as it was read.
#[derive(Debug)]
pub struct Source {
    /// Which list it is.
    pub spec: ListSpec,
    /// All of the file, at most [`MAX_LIST_BYTES`].
    pub bytes: Vec<u8>,
    /// Hash of `bytes` as they are on disk, packed or not, so that an alert can name the version of the list.
    pub sha256: [u8; 32],
}

/// Reads a list whole: a file, a pipe such as a shell's `<(…)`, or what a server has.
///
/// # Errors
///
/// One sentence that names the path: it cannot be read, is a directory or a device, is too large, or is not the list that
/// is pinned.
pub fn read(spec: &ListSpec) -> Result<Source> {
    match &spec.remote {
        Some(remote) => obtain(spec, remote),
        None => read_at_most(spec, MAX_LIST_BYTES),
    }
}

/// The files that a list's path stands for: itself, or the `Blocks` files of a `GeoLite2` folder.
///
/// # Errors
///
/// One sentence that names the path: a folder of something else.
pub fn files(spec: &ListSpec) -> Result<Vec<ListSpec>> {
    if !spec.path.is_dir() {
        return Ok(vec![spec.clone()]);
    }
    let path = spec.shown_path();
    let entries = spec.path.read_dir().map_err(|error| anyhow::anyhow!("{path}: cannot be read: {error}"))?;
    let mut files: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| blocks(path).is_some_and(|(_, rest)| rest.starts_with("-IPv")))
        .collect();
    files.sort();
    ensure!(!files.is_empty(), "{path}: is a directory, not a list");
    Ok(files.into_iter().map(|path| ListSpec { path, ..spec.clone() }).collect())
}

/// The `Locations` file that stands beside a `GeoLite2` `Blocks` file; `None` for any other file.
///
/// # Errors
///
/// One sentence that names the path: it is missing, or cannot be read.
pub fn beside(spec: &ListSpec) -> Result<Option<Vec<u8>>> {
    let Some((stem, _)) = blocks(&spec.path) else {
        return Ok(None);
    };
    let path = spec.path.with_file_name(format!("{stem}-Locations-en.csv"));
    read(&ListSpec::new(spec.label.clone(), path)).map(|source| Some(source.bytes))
}

/// The parts of a name around `-Blocks`, as in `GeoLite2-Country-Blocks-IPv4.csv`.
fn blocks(path: &Path) -> Option<(&str, &str)> {
    let name = path.file_name()?.to_str()?;
    name.split_once("-Blocks").filter(|(_, rest)| rest.ends_with(".csv"))
}

/// Reads a file whole; `what` is what it should be, as `list`.
///
/// # Errors
///
/// As [`read`].
pub fn read_file(path: &Path, what: &str) -> Result<Vec<u8>> {
    bytes_at_most(path, what, MAX_LIST_BYTES)
}

fn read_at_most(spec: &ListSpec, limit: u64) -> Result<Source> {
    let bytes = bytes_at_most(&spec.path, "list", limit)?;
    let sha256 = Sha256::digest(&bytes).into();
    Pin::check(spec.pin.as_ref(), &sha256).map_err(|why| anyhow::anyhow!("{}: {why}", spec.shown_path()))?;
    Ok(Source { spec: spec.clone(), bytes, sha256 })
}

fn bytes_at_most(path: &Path, what: &str, limit: u64) -> Result<Vec<u8>> {
    let shown = shown(path);
    let unreadable = |error: io::Error| anyhow::anyhow!("{shown}: cannot be read: {error}");

    let file = File::open(path).map_err(|error| {
        let denied = error.kind() == io::ErrorKind::PermissionDenied;
        // Who is used to read everything as root is told why not.
        let why = if denied && Uid::effective().is_root() {
            "; its permissions keep root out without CAP_DAC_READ_SEARCH"
        } else {
            ""
        };
        anyhow::anyhow!("{shown}: cannot be read: {error}{why}")
    })?;
    let kind = file.metadata().map_err(unreadable)?.file_type();
    if kind.is_dir() {
        // "a list", "an asset file".
        let article = if what.starts_with('a') { "an" } else { "a" };
        bail!("{shown}: is a directory, not {article} {what}");
    }
    // A device may have no end, and a terminal would wait for somebody to type.
    ensure!(kind.is_file() || kind.is_fifo(), "{shown}: is neither a file nor a pipe");

    let mut bytes = Vec::new();
    // One more than allowed, to tell a list that just fits from one that does not.
    let read = file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    ensure!(read as u64 <= limit, "{shown}: is larger than {} MiB", limit >> 20);

    Ok(bytes)
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

    #[test]
    fn a_file_may_be_pinned() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.txt");
        std::fs::write(&path, "abc").unwrap();
        let good = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let pinned = |pin: &str| ListSpec {
            pin: Some(pin.parse().unwrap()),
            ..spec(&format!("ONE={}", path.display()))
        };
        assert!(read(&pinned(good)).is_ok());
        let error = read(&pinned(&good.replace('b', "c"))).unwrap_err().to_string();
        assert!(error.contains("one.txt: is not the list that is pinned: its sha256 is ba78"), "{error}");
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
