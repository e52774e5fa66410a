//! A copy that was kept, damaged, confirmed, and what a crash leaves of it.

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::durable::crash::{Memory, State, files_of, restore};

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

/// In every state that a kill or a power cut can leave there is the old copy or the new one, and the next one is kept as ever.
#[test]
fn a_crash_leaves_the_old_copy_or_the_new_one() {
    let state = tempfile::tempdir().unwrap();
    let url: Url = "https://h.example/one.txt".parse().unwrap();
    let place = place(state.path(), &url);
    let folder = place.parent().unwrap();
    let mut before = State::new();
    let mut old = None;
    for text in ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"] {
        let mut disk = Memory::new(&before);
        keep_on(&mut disk, &place, &url, &fetched(text)).unwrap();
        let new = read(&place);
        assert!(new.is_some() && disk.states.len() > 8, "{}", disk.states.len());
        let after = files_of(folder);
        let mut found = [0, 0];
        for left in &disk.states {
            restore(folder, left);
            let there = read(&place);
            assert!(there == old || there == new, "{there:?} in {left:?}");
            assert!(!is_damaged(&place), "{left:?}");
            found[usize::from(there == new)] += 1;
        }
        assert!(found.iter().all(|states| *states > 1), "{found:?}");
        for left in disk.now() {
            restore(folder, &left);
            assert_eq!(read(&place), new, "it was said to be kept");
            keep(&place, &url, &fetched("100.64.0.0/10")).unwrap();
            assert_eq!(read(&place).unwrap().1, b"100.64.0.0/10");
            assert_eq!(files_of(folder).len(), 2);
        }
        restore(folder, &after);
        (before, old) = (after, new);
    }
}

#[test]
fn a_copy_for_which_there_is_no_room_leaves_nothing_and_the_old_one() {
    let state = tempfile::tempdir().unwrap();
    let url: Url = "https://h.example/one.txt".parse().unwrap();
    let place = place(state.path(), &url);
    keep(&place, &url, &fetched("192.0.2.0/24")).unwrap();
    let before = files_of(place.parent().unwrap());
    for room in [0, 5, 20, 60] {
        let mut disk = Memory::new(&before);
        disk.room = room;
        let error = keep_on(&mut disk, &place, &url, &fetched("198.51.100.0/24")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(files_of(place.parent().unwrap()), before, "with room for {room} bytes");
    }
}
