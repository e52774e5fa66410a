//! Every state that a crash can leave.

use std::fs;

use super::{
    crash::{Memory, State, files_of, restore},
    *,
};

/// The states between `before` and the end of a [`replace`], and those after it.
fn replaced(folder: &Path, before: &State, bytes: &[u8]) -> (Memory, Vec<Option<Vec<u8>>>) {
    restore(folder, before);
    let path = folder.join("file");
    let mut disk = Memory::new(before);
    replace(&mut disk, &path, bytes).unwrap();
    let at_path = |state: &State| state.get(&path).cloned();
    let between = disk.states.iter().map(at_path).collect();
    (disk, between)
}

#[test]
fn there_is_the_old_one_or_the_new_one_and_afterwards_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for before in [None, Some(b"old bytes".to_vec())] {
        let state = before.iter().map(|bytes| (path.clone(), bytes.clone())).collect();
        let new = Some(b"new bytes".to_vec());
        let (disk, between) = replaced(folder.path(), &state, b"new bytes");
        assert!(between.len() > 4, "{}", between.len());
        for one in &between {
            assert!(*one == before || *one == new, "{:?}", one.as_deref().map(String::from_utf8_lossy));
        }
        assert!(between.contains(&before) && between.contains(&new));
        let after = disk.now();
        assert!(after.iter().all(|state| state.get(&path) == new.as_ref()), "{after:?}");
        assert_eq!(files_of(folder.path()).into_values().collect::<Vec<_>>(), [b"new bytes"]);
    }
}

#[test]
fn missing_folders_are_made_and_drafts_of_the_killed_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/file");
    replace(&mut Here, &path, b"one").unwrap();
    let left = path.with_file_name(format!("{DRAFT}x"));
    fs::write(&left, "half").unwrap();
    let parent = path.parent().unwrap();
    remove_drafts(parent, Duration::from_secs(60));
    assert!(left.exists(), "somebody may write it at this moment");
    let hour = Duration::from_secs(3600);
    File::open(&left).unwrap().set_modified(SystemTime::now() - hour).unwrap();
    remove_drafts(parent, Duration::from_secs(60));
    assert_eq!(files_of(parent).into_keys().collect::<Vec<_>>(), [path]);
}
