//! Several lists asked for at once, and what came of each.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Result, anyhow};
use jiff::Timestamp;

use super::{
    Remote,
    copy::{self, About},
    pin::Pin,
    request::{Answer, Body, Failure, request},
};
use crate::{
    age::age,
    printable::printable,
    ranges::{source::Source, spec::ListSpec},
};

/// What came of one.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The copy is the newest.
    NotModified,
    /// Another version, which nobody has looked at yet.
    Body(Arc<Body>),
    /// There was none to be had.
    Unreachable {
        /// One sentence.
        why: String,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// There was one that must not be used; one sentence.
    Refused(String),
}

/// What came of all that were asked for, by the [`place`](copy::place) of their copies.
#[derive(Clone, Debug, Default)]
pub struct Round {
    outcomes: BTreeMap<PathBuf, (Remote, Outcome)>,
}

impl Round {
    /// Asks for the lists among `specs` that are fetched, each URL once, all at the same time. Blocks.
    #[must_use]
    pub fn ask<'a>(specs: impl IntoIterator<Item = &'a ListSpec>) -> Self {
        let mut asked: BTreeMap<&Path, (&ListSpec, &Remote)> = BTreeMap::new();
        for spec in specs {
            if let Some(remote) = &spec.remote {
                asked.entry(&spec.path).or_insert((spec, remote));
            }
        }
        let outcomes = thread::scope(|scope| {
            let asking: Vec<_> = asked
                .into_iter()
                .map(|(place, (spec, remote))| (place, remote, scope.spawn(|| ask(spec, remote))))
                .collect();
            let gone = |url| Outcome::Unreachable {
                why: format!("{url}: the thread that asked died"),
                retry_after: None,
            };
            let outcome = asking.into_iter().map(|(place, remote, thread)| {
                let outcome = thread.join().unwrap_or_else(|_| gone(&remote.url));
                (place.to_owned(), (remote.clone(), outcome))
            });
            outcome.collect()
        });
        Self { outcomes }
    }

    /// What came of a list; `None` when it was not asked for.
    #[must_use]
    pub fn outcome(&self, spec: &ListSpec) -> Option<&Outcome> {
        self.outcomes.get(&spec.path).map(|(_, outcome)| outcome)
    }

    /// What came of each, by place.
    pub fn outcomes(&self) -> impl Iterator<Item = (&Path, &Remote, &Outcome)> {
        self.outcomes.iter().map(|(place, (remote, outcome))| (place.as_path(), remote, outcome))
    }

    /// Whether a server said something of a list that is to be looked at.
    #[must_use]
    pub fn answers(&self, spec: &ListSpec) -> bool {
        !matches!(self.outcome(spec), None | Some(Outcome::Unreachable { .. }))
    }

    /// Sentences about what could not be fetched, with the age of what is used in its place.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let warning = |(place, _, outcome): (&Path, &Remote, &Outcome)| match outcome {
            Outcome::Unreachable { why, .. } | Outcome::Refused(why) => Some(match copy::about(place) {
                Some(About { confirmed, .. }) => {
                    let ago = age(Timestamp::now().duration_since(confirmed));
                    format!("{why}; the version that was the newest {ago} ago is used")
                }
                None => why.clone(),
            }),
            Outcome::NotModified | Outcome::Body(_) => None,
        };
        self.outcomes().filter_map(warning).collect()
    }

    /// The list: what was fetched, or the copy where that is the newest or the server cannot be reached.
    ///
    /// # Errors
    ///
    /// One sentence: it must not be used, or there is none.
    pub fn source(&self, spec: &ListSpec) -> Result<Source> {
        let unreachable = match self.outcome(spec) {
            Some(Outcome::Body(body)) => {
                // The same URL may be pinned by one list and not by another.
                Pin::check(spec.pin.as_ref(), &body.sha256)
                    .map_err(|why| anyhow!("{}: {why}", spec.shown_path()))?;
                return Ok(Source { spec: spec.clone(), bytes: body.bytes.clone(), sha256: body.sha256 });
            }
            Some(Outcome::Refused(why)) => return Err(anyhow!("{why}")),
            Some(Outcome::Unreachable { why, .. }) => Some(why.as_str()),
            Some(Outcome::NotModified) | None => None,
        };
        match usable(spec) {
            Some((_, source)) => Ok(source),
            None => Err(match unreachable {
                Some(why) => anyhow!("{why}; there is no earlier copy of it"),
                None => anyhow!("{}: there is no copy of it", spec.shown_path()),
            }),
        }
    }

    /// Keeps what was fetched, after it was found good; gives what went wrong with that.
    #[must_use]
    pub fn keep(&self) -> Vec<String> {
        let kept = |place: &Path, remote: &Remote, outcome: &Outcome| -> io::Result<()> {
            match outcome {
                Outcome::Body(body) => copy::keep(place, &remote.url, body),
                Outcome::NotModified => copy::confirm(place),
                Outcome::Unreachable { .. } | Outcome::Refused(_) => Ok(()),
            }
        };
        let failed = self.outcomes.iter().filter_map(|(place, (remote, outcome))| {
            let error = kept(place, remote, outcome).err()?;
            let folder = place.parent().unwrap_or(place).to_string_lossy();
            let folder = printable(&folder);
            Some(format!(
                "{}: no copy can be kept in {folder}: {error}; --state names another folder",
                remote.url
            ))
        });
        failed.collect()
    }
}

/// The copy of a list, if it is whole and the one that is pinned.
#[must_use]
pub fn usable(spec: &ListSpec) -> Option<(About, Source)> {
    // Nobody said where copies are kept.
    let place = Some(&spec.path).filter(|place| !place.as_os_str().is_empty())?;
    let (about, bytes) = copy::read(place)?;
    let sha256 = about.sha256.0;
    Pin::check(spec.pin.as_ref(), &sha256).ok()?;
    Some((about, Source { spec: spec.clone(), bytes, sha256 }))
}

fn ask(spec: &ListSpec, remote: &Remote) -> Outcome {
    // A version that cannot be used is not asked about.
    let known = usable(spec).map(|(about, _)| about.version());
    if known.is_none() && copy::is_damaged(&spec.path) {
        let folder = spec.path.parent().unwrap_or(&spec.path).to_string_lossy();
        tracing::warn!("{}: the copy of it in {} is damaged, and not used", remote.url, printable(&folder));
    }
    match request(remote, known.as_ref()) {
        Ok(Answer::NotModified) => Outcome::NotModified,
        Ok(Answer::Body(body)) => match Pin::check(spec.pin.as_ref(), &body.sha256) {
            Ok(()) => Outcome::Body(Arc::new(body)),
            Err(why) => Outcome::Refused(format!("{}: {why}", remote.url)),
        },
        Err(Failure { why, retry_after }) => {
            Outcome::Unreachable { why: format!("{}: cannot be fetched: {why}", remote.url), retry_after }
        }
    }
}
