//! Every input that a reader ever did not come back from, and the corpora: no fuzzer and no nightly is needed for that.

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use checker_fuzz::{TARGETS, Target};

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(kind)
}

/// Nothing where there is no such folder: most targets never found anything.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// The file that the target does not come back from.
fn broken(target: &Target, kind: &str) -> Vec<String> {
    let files = files(&folder(kind).join(target.name));
    let breaks = |path: &PathBuf| {
        let bytes = fs::read(path).expect("a file");
        catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes))).is_err()
    };
    files.into_iter().filter(breaks).map(|path| path.display().to_string()).collect()
}

#[test]
fn no_input_that_was_ever_found_breaks_a_reader() {
    let broken: Vec<_> = TARGETS.iter().flat_map(|target| broken(target, "regressions")).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn no_input_of_a_corpus_breaks_a_reader() {
    let broken: Vec<_> = TARGETS.iter().flat_map(|target| broken(target, "corpus")).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn each_target_has_a_corpus_and_each_folder_a_target() {
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    for kind in ["corpus", "regressions"] {
        for path in files(&folder(kind)) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(names.contains(&name), "{} is of no target", path.display());
        }
    }
    for name in names {
        assert!(!files(&folder("corpus").join(&name)).is_empty(), "{name} has no corpus");
    }
}
