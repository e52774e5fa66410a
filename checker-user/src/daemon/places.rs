//! What a daemon needs of the file system while it runs, from what it was asked for.

use std::{fs, os::unix::fs::DirBuilderExt as _, path::PathBuf};

use crate::{
    alerts::write::sink::{sealed::Sealing, spec::SinkSpec},
    sandbox::places::Places,
};

use super::settings::{Pinning, Settings};

/// A state folder that was made; it goes with the daemon unless something was put there.
pub(super) struct Made(PathBuf);

impl Drop for Made {
    fn drop(&mut self) {
        let _in_use = fs::remove_dir(&self.0);
    }
}

/// The folders of its lists and records to read; those of its logs, its socket and its state to write. The state folder is
/// made if it is not there: a list from a URL may be loaded at any time, and what is not there cannot be opened to the
/// daemon.
pub(super) fn places(settings: &Settings) -> (Places, Option<Made>) {
    let mut places = Places::new();
    let files = settings.lists.iter().filter(|list| list.remote.is_none()).map(|list| &list.path);
    files.chain(&settings.assets).for_each(|path| places.file(path));
    settings.list_dirs.iter().for_each(|folder| places.folder(folder));
    let absent = !settings.state.exists();
    // An error shows when a list is kept.
    let made = absent && fs::DirBuilder::new().recursive(true).mode(0o700).create(&settings.state).is_ok();
    places.written_folder(&settings.state);
    let made = made.then(|| Made(settings.state.clone()));
    made.iter().for_each(|Made(folder)| places.removed(folder));
    places.written(&settings.control);
    for sink in &settings.sinks {
        match sink {
            SinkSpec::File { path, .. } => places.written(path),
            SinkSpec::Webhook { token, spool, .. } => {
                token.iter().for_each(|token| places.file(token));
                spool.iter().for_each(|(folder, _)| places.written_folder(folder));
            }
            // Sockets are no matter of the file system's.
            SinkSpec::Journald { .. } | SinkSpec::Syslog { .. } => {}
        }
    }
    if let Some(Pinning { root, .. }) = &settings.pinning {
        places.written(root);
        places.written_folder(root);
    }
    settings.evidence.iter().for_each(|evidence| places.written_folder(&evidence.folder));
    places.packets = settings.reattach;
    if let Some(Sealing { path, .. }) = &settings.sealing {
        places.written(path);
    }
    (places, made)
}
