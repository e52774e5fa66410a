//! A job beside the loop while the daemon comes up.

use std::{io, thread};

use tokio::sync::oneshot;

/// Does `job` on a thread of its own that ends with it; tokio's wait for the next job, with all that they may do, when
/// the daemon gives up what it no longer needs.
///
/// # Errors
///
/// When there can be no more threads.
pub(super) fn aside<T: Send + 'static>(
    job: impl FnOnce() -> T + Send + 'static,
) -> io::Result<oneshot::Receiver<T>> {
    let (done, waiting) = oneshot::channel();
    thread::Builder::new().spawn(move || {
        // An error says only that nobody waits any more.
        let _unheard = done.send(job());
    })?;
    Ok(waiting)
}
