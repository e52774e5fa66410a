//! Room for what is written: logs, sealed logs, kept lists.

use std::path::{Path, PathBuf};

use nix::{
    sys::statvfs::{FsFlags, Statvfs, statvfs},
    unistd::{AccessFlags, access},
};

use super::finding::Finding;

/// A day of alerts at a hundred a second, and some more.
const WANTED: u64 = 10 << 30;

/// Below this it is a matter of hours.
const LEAST: u64 = 1 << 30;

/// Looks at the file system that holds `path`, or would hold it.
pub(super) fn check(name: &'static str, path: &Path) -> Finding {
    let there =
        path.ancestors().find(|folder| folder.exists()).map_or_else(|| PathBuf::from("/"), Path::to_owned);
    let shown = there.display();
    let found = match statvfs(&there) {
        Ok(found) => found,
        Err(error) => {
            return Finding::warning(name, format!("{shown}: {}", error.desc()), "name another place");
        }
    };
    if found.flags().contains(FsFlags::ST_RDONLY) {
        return Finding::warning(
            name,
            format!("{shown} is read-only"),
            "mount it writable, or name another place",
        );
    }
    if access(&there, AccessFlags::W_OK).is_err() {
        return Finding::warning(
            name,
            format!("{shown} is not to be written by this user"),
            "run the daemon as root, or hand it the folder",
        );
    }
    judge(name, &there, room(&found), found.files() > 0 && found.files_available() == 0)
}

/// Bytes that are free, and all of them.
fn room(found: &Statvfs) -> (u64, u64) {
    let size = found.fragment_size();
    (found.blocks_available().saturating_mul(size), found.blocks().saturating_mul(size))
}

fn judge(name: &'static str, there: &Path, (free, all): (u64, u64), no_files: bool) -> Finding {
    let shown = there.display();
    let free_said = format!("{}.{} GiB free", free >> 30, ((free % (1 << 30)) * 10) >> 30);
    if no_files {
        let said = format!("{shown} can take no more files");
        return Finding::warning(name, said, "remove files, or name another place");
    }
    if free < LEAST || (free < WANTED && free < all / 20) {
        return Finding::warning(
            name,
            format!("{shown}: {free_said}; what a full disk does not take is lost"),
            "make room, rotate logs sooner, or name another place",
        );
    }
    Finding::ok(name, format!("{shown}: {free_said}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn little_room_is_warned_about() {
        let state = |free: u64, all: u64| judge("log", Path::new("/var/log"), (free, all), false).state;
        assert_eq!(state(512 << 20, 2 << 30), State::Warning);
        assert_eq!(state(4 << 30, 400 << 30), State::Warning);
        assert_eq!(state(4 << 30, 20 << 30), State::Ok);
        assert_eq!(state(40 << 30, 4 << 40), State::Ok);
        assert_eq!(judge("log", Path::new("/"), (1 << 40, 1 << 40), true).state, State::Warning);
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_where_it_will_be() {
        let finding = check("log", Path::new("/proc/nonsense/there/is.none"));
        assert_eq!(finding.state, State::Warning, "{}", finding.said);
        assert!(finding.said.starts_with("/proc"), "{}", finding.said);
    }
}
