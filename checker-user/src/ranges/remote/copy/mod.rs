//! The last good version of a fetched list, on disk: what the daemon begins with when a server cannot be reached.
//!
//! Two files in `lists/` of the state folder: the body, under a name that ends in its hash, and a small one that says which
//! body counts. Renaming that one is the switch, so a crash leaves the old pair or the new one.

#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    pin::Pin,
    request::{Body, Version},
    url::Url,
};
use crate::durable::{Disk, Here, remove_drafts, replace};

/// The state folder unless the user names another.
pub const DEFAULT_STATE: &str = "/var/lib/checker";

/// Nobody takes so long to write a file.
const ABANDONED: Duration = Duration::from_secs(3600);

/// What is known of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Where it is from, without secrets.
    pub url: String,
    /// The server's `ETag` of it.
    pub etag: Option<String>,
    /// The server's `Last-Modified` of it.
    pub last_modified: Option<String>,
    /// Its hash.
    pub sha256: Pin,
    /// When it came.
    pub fetched: Timestamp,
    /// When the server last said that it is still the newest.
    pub confirmed: Timestamp,
}

impl About {
    /// By what the server knows it.
    #[must_use]
    pub fn version(&self) -> Version {
        Version { etag: self.etag.clone(), last_modified: self.last_modified.clone() }
    }
}

/// Where the copy of a list stands in a state folder; the beginning of the names of its files.
///
/// A URL has one copy, whatever the lists are called that come from it. Its hash in the name tells URLs apart that end
/// alike, and shows no secret.
#[must_use]
pub fn place(state: &Path, url: &Url) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let name: String = url.name().trim_start_matches('.').chars().map(plain).take(64).collect();
    let hash = Pin(Sha256::digest(url.secret()).into()).to_string();
    state.join("lists").join(format!("{name}.{}", &hash[..16]))
}

/// What is known of the copy at a [`place`]; `None` where there is none, or none that may be read.
#[must_use]
pub fn about(place: &Path) -> Option<About> {
    serde_json::from_slice(&fs::read(sidecar(place)).ok()?).ok()
}

/// The copy itself; `None` where there is none or it is damaged.
#[must_use]
pub fn read(place: &Path) -> Option<(About, Vec<u8>)> {
    let about = about(place)?;
    let bytes = fs::read(body(place, &about.sha256)).ok()?;
    (about.sha256.0 == <[u8; 32]>::from(Sha256::digest(&bytes))).then_some((about, bytes))
}

/// Whether there is something of a copy, and it is not whole.
#[must_use]
pub fn is_damaged(place: &Path) -> bool {
    sidecar(place).exists() && read(place).is_none()
}

/// Keeps what was fetched in the place of what was there.
///
/// # Errors
///
/// What the file system said; the copy before it stays.
pub fn keep(place: &Path, url: &Url, fetched: &Body) -> io::Result<()> {
    keep_on(&mut Here, place, url, fetched)
}

fn keep_on(disk: &mut impl Disk, place: &Path, url: &Url, fetched: &Body) -> io::Result<()> {
    let now = Timestamp::now();
    let sha256 = Pin(fetched.sha256);
    let Version { etag, last_modified } = fetched.version.clone();
    let about = About { url: url.to_string(), etag, last_modified, sha256, fetched: now, confirmed: now };
    let kept = replace(disk, &body(place, &sha256), &fetched.bytes)
        .and_then(|()| replace(disk, &sidecar(place), &serde_json::to_vec_pretty(&about)?));
    // Where there is no room for both, the old one is the one that counts.
    let counts = if kept.is_ok() { Some(about) } else { self::about(place) };
    remove_others(disk, place, counts.map(|about| body(place, &about.sha256)).as_deref());
    kept
}

/// Notes that the server has nothing newer.
///
/// # Errors
///
/// What the file system said.
pub fn confirm(place: &Path) -> io::Result<()> {
    match about(place) {
        Some(about) => {
            let about = About { confirmed: Timestamp::now(), ..about };
            replace(&mut Here, &sidecar(place), &serde_json::to_vec_pretty(&about)?)
        }
        None => Ok(()),
    }
}

fn sidecar(place: &Path) -> PathBuf {
    with(place, "json")
}

fn body(place: &Path, sha256: &Pin) -> PathBuf {
    with(place, &sha256.to_string()[..16])
}

fn with(place: &Path, ending: &str) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Bodies that do not count, and what a killed process did not write to its end.
fn remove_others(disk: &mut impl Disk, place: &Path, stays: Option<&Path>) {
    let (Some(folder), Some(name)) = (place.parent(), place.file_name()) else { return };
    let of_place = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ending.len() == 16) && path.file_stem() == Some(name)
    };
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if of_place(&path) && stays != Some(&path) {
            // One that stays only takes room, and the next change tries again.
            let _stays = disk.remove(&path);
        }
    }
    remove_drafts(folder, ABANDONED);
}
