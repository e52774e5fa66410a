//! A folder for the readers that take a path: they are run as they are, with their limits and what they say.

use std::{fs, path::PathBuf, sync::LazyLock};

use tempfile::TempDir;

/// In memory where there is such a place.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let builder = || tempfile::Builder::new().prefix("checker-fuzz-").to_owned();
    builder().tempdir_in("/dev/shm").or_else(|_| builder().tempdir()).expect("a folder")
});

/// The path of a file with these bytes. Each thread has files of its own.
pub(crate) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    fs::write(&path, bytes).expect("a file");
    path
}

/// A folder of this thread.
pub(crate) fn folder() -> PathBuf {
    thread_local! {
        static OWN: PathBuf = {
            let own = FOLDER.path().join(format!("{:?}", std::thread::current().id()));
            fs::create_dir_all(&own).expect("a folder");
            own
        };
    }
    OWN.with(PathBuf::clone)
}
