//! A list as the user names it: on the command line, in `checker.toml`, in a request to the daemon.

use std::{
    io,
    path::{self, Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{
    action::Action,
    label::Label,
    reading::Reading,
    remote::{Remote, copy, pin::Pin, url::Url},
    severity::Severity,
};
use crate::printable::printable;

/// Which list, and how it is read.
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
}
