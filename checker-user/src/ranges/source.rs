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

use super::{
    action::Action,
    label::Label,
    reading::Reading,
    remote::{Remote, copy, obtain::obtain, pin::Pin, url::Url},
    severity::Severity,
};
use crate::printable::printable;

/// Largest list, in bytes: some thirty million IPv4 prefixes. It keeps a wrong path from filling the memory.
pub const MAX_LIST_BYTES: u64 = 512 << 20;

/// A list as the user names it: on the command line, in `checker.toml`, in a request to the daemon.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListSpec {
    /// What to call it.
    pub label: Label,
    /// Its file; for a list that is fetched, the place of its copy, and empty while that is not known.
    pub path: PathBuf,
    /// Where it is fetched from.
    #[serde(default)]
    pub remote: Option<Remote>,
    /// The hash that it must have.
    #[serde(default)]
    pub pin: Option<Pin>,
    /// What its ranges ask for.
    #[serde(default)]
    pub action: Action,
    /// How grave it is to meet it.
    #[serde(default)]
    pub severity: Severity,
    /// How to read it.
    #[serde(default)]
    pub reading: Reading,
}

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

impl ListSpec {
    /// A file with a label; all else as is usual.
    #[must_use]
    pub fn new(label: Label, path: PathBuf) -> Self {
        let (action, severity, reading) = Default::default();
        Self { label, path, remote: None, pin: None, action, severity, reading }
    }

    /// The same for a list that is fetched.
    #[must_use]
    pub fn fetched(label: Label, url: Url) -> Self {
        Self { remote: Some(Remote::new(url)), ..Self::new(label, PathBuf::new()) }
    }

    /// A list whose label nobody gave: it is called as its file is, up to the first dot; or, when countries are taken
    /// from it, as each country.
    ///
    /// # Errors
    ///
    /// When that part of the file's name cannot be a label.
    pub fn named_by_file(path: PathBuf) -> Result<Self> {
        let label = named_by(&file_name(&path), &shown(&path))?;
        Ok(Self::by_country(Self::new(label, path)))
    }

    /// The same for a list that is fetched: the last part of its URL is its file's name.
    ///
    /// # Errors
    ///
    /// When that part of the name cannot be a label.
    pub fn named_by_url(url: Url) -> Result<Self> {
        let label = named_by(&url.name(), &url.to_string())?;
        Ok(Self::by_country(Self::fetched(label, url)))
    }

    fn by_country(self) -> Self {
        Self { reading: Reading { by_country: true, ..self.reading }, ..self }
    }

    /// The same list, with the place of its copy in a state folder if it is fetched.
    #[must_use]
    pub fn kept_in(self, state: &Path) -> Self {
        match &self.remote {
            Some(remote) => Self { path: copy::place(state, &remote.url), ..self },
            None => self,
        }
    }

    /// The name of its file without the folders, safe to show.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.remote {
            Some(remote) => remote.url.name(),
            None => printable(&file_name(&self.path)).into_owned(),
        }
    }

    /// The same list for another process: its path no longer depends on the working directory.
    ///
    /// # Errors
    ///
    /// When the path is empty or the working directory is gone.
    pub fn absolute(self) -> io::Result<Self> {
        if self.remote.is_some() {
            return Ok(self);
        }
        Ok(Self { path: path::absolute(&self.path)?, ..self })
    }

    /// The path, or the URL without secrets, as messages show it.
    #[must_use]
    pub fn shown_path(&self) -> String {
        match &self.remote {
            Some(remote) => remote.url.to_string(),
            None => shown(&self.path),
        }
    }
}

impl FromStr for ListSpec {
    type Err = anyhow::Error;

    /// Reads `[LABEL=]PATH` or `[LABEL=]URL`. What stands before the first `=` is a path when it has a `/`.
    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('=').filter(|(label, _)| !label.contains('/')) {
            Some((label, path)) => {
                ensure!(!path.is_empty(), "\"{}\" names no file; write LABEL=PATH", printable(text));
                let label = label.parse()?;
                if Url::is_meant(path) {
                    Ok(Self::fetched(label, path.parse()?))
                } else {
                    Ok(Self::new(label, path.into()))
                }
            }
            None if Url::is_meant(text) => Self::named_by_url(text.parse()?),
            None => Self::named_by_file(text.into()),
        }
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

    let file = File::open(path).map_err(unreadable)?;
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

fn named_by(name: &str, shown: &str) -> Result<Label> {
    let label = name.split('.').next().unwrap_or_default().parse();
    label.ok().with_context(|| format!("the name of \"{shown}\" cannot be its label; give one as LABEL=PATH"))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
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
    fn a_url_may_stand_in_the_place_of_the_path() {
        for (text, label, shown) in [
            ("ONE=https://u:p@h.example/a/list.txt?t=1", "ONE", "https://h.example/a/list.txt"),
            ("https://h.example/cn.zone?a=b", "cn", "https://h.example/cn.zone"),
        ] {
            let spec = spec(text).kept_in(Path::new("/state"));
            assert_eq!((spec.label.as_str(), spec.shown_path().as_str()), (label, shown));
            assert!(spec.path.starts_with("/state/lists"), "{:?}", spec.path);
            let sent = serde_json::to_string(&spec).unwrap();
            assert_eq!(serde_json::from_str::<ListSpec>(&sent).unwrap(), spec);
        }
        assert_eq!(refusal("ONE=ftp://h.example/x"), "a list is fetched from http:// or https:// URLs only");
        assert!(
            refusal("https://h.example/.x").ends_with("give one as LABEL=PATH"),
            "nothing before the dot"
        );
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
