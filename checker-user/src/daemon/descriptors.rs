//! As many open files as this process may have. A reader of the stream is one, and the soft limit of 1024 that most
//! processes start with is there for those that use select(2).

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::debug;

/// Raises the soft limit to the hard one. Without it there is room for fewer readers, and nothing else is lost.
pub(super) fn raise() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, most)| setrlimit(Resource::RLIMIT_NOFILE, most, most));
    if let Err(error) = raised {
        debug!("cannot have more open files: {error}");
    }
}
