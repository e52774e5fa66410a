//! The last good version of a fetched list, on disk: what the daemon begins with when a server cannot be reached.
//!
//! Two files in `lists/` of the state folder: the body, under a name that ends in its hash, and a small one that says which
//! body counts. Renaming that one is the switch, so a crash leaves the old pair or the new one.

use std::{
    fs::{self, DirBuilder},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::{
    pin::Pin,
    request::{Body, Version},
    url::Url,
};

/// The state folder unless the user names another.
pub const DEFAULT_STATE: &str = "/var/lib/checker";

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

/// Keeps what was fetched in the place of what was there.
///
/// # Errors
///
/// What the file system said; the copy before it stays.
pub fn keep(place: &Path, url: &Url, fetched: &Body) -> io::Result<()> {
    let now = Timestamp::now();
    let sha256 = Pin(fetched.sha256);
    let Version { etag, last_modified } = fetched.version.clone();
    write(&body(place, &sha256), &fetched.bytes)?;
    let about = About { url: url.to_string(), etag, last_modified, sha256, fetched: now, confirmed: now };
    write(&sidecar(place), &serde_json::to_vec_pretty(&about)?)?;
    remove_others(place, &sha256);
    Ok(())
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
            write(&sidecar(place), &serde_json::to_vec_pretty(&about)?)
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

/// All of it or nothing, for nobody else to read, and on disk before it counts.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The name too.
    fs::File::open(folder)?.sync_all()
}

/// Bodies that no longer count.
fn remove_others(place: &Path, sha256: &Pin) {
    let stays = body(place, sha256);
    let (Some(folder), Some(name)) = (place.parent(), place.file_name()) else { return };
    let of_place = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ending.len() == 16) && path.file_stem() == Some(name)
    };
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if of_place(&path) && path != stays {
            // One that stays only takes room, and the next change tries again.
            let _stays = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn fetched(text: &str) -> Body {
        let version = Version { etag: Some("\"1\"".into()), last_modified: None };
        Body { bytes: text.into(), sha256: Sha256::digest(text).into(), version }
    }

    #[test]
    fn the_last_one_kept_is_read_and_nobody_else_may() {
        let state = tempfile::tempdir().unwrap();
        let url: Url = "https://user:secret@h.example/a b".replace(' ', "%20").parse().unwrap();
        let place = place(&state.path().join("state"), &url);
        assert!(read(&place).is_none() && about(&place).is_none());
        for text in ["192.0.2.0/24", "198.51.100.0/24"] {
            keep(&place, &url, &fetched(text)).unwrap();
            let (about, bytes) = read(&place).unwrap();
            assert_eq!((bytes, about.etag.as_deref()), (text.as_bytes().to_vec(), Some("\"1\"")));
        }
        let folder = place.parent().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder), mode(folder.parent().unwrap())), (0o700, 0o700));
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 2, "the body before is gone: {files:?}");
        for file in files {
            assert_eq!(mode(&file), 0o600);
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("secret") && !file.to_string_lossy().contains("secret"));
        }
    }

    #[test]
    fn a_damaged_copy_is_none_and_urls_that_differ_in_secret_have_places_of_their_own() {
        let state = tempfile::tempdir().unwrap();
        let url: Url = "https://h.example/one.txt?key=1".parse().unwrap();
        let place = place(state.path(), &url);
        keep(&place, &url, &fetched("192.0.2.0/24")).unwrap();
        let sha256 = about(&place).unwrap().sha256;
        fs::write(body(&place, &sha256), "192.0.2.0/2").unwrap();
        assert!(read(&place).is_none());
        let other = super::place(state.path(), &"https://h.example/one.txt?key=2".parse().unwrap());
        assert_ne!(place, other);
    }

    #[test]
    fn a_confirmation_moves_one_time_only() {
        let state = tempfile::tempdir().unwrap();
        let url: Url = "https://h.example/one.txt".parse().unwrap();
        let place = place(state.path(), &url);
        confirm(&place).unwrap();
        assert!(about(&place).is_none(), "there is nothing to confirm");
        keep(&place, &url, &fetched("192.0.2.0/24")).unwrap();
        let before = about(&place).unwrap();
        confirm(&place).unwrap();
        let after = about(&place).unwrap();
        assert!(after.confirmed >= before.confirmed);
        assert_eq!(About { confirmed: before.confirmed, ..after }, before);
    }
}
