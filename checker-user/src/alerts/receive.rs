//! Waits on the ring buffer. Sleeps in epoll; an idle daemon costs no CPU time.

use std::io;

use aya::maps::{MapData, RingBuf};
use checker_common::alert::{AlertRecord, Undecodable};
use tokio::io::{Interest, unix::AsyncFd};

/// Most records that are taken at once, so that a flood does not keep the daemon from anything else.
const BATCH: usize = 4096;

/// The reading end of the ring.
pub struct Receiver {
    ring: AsyncFd<RingBuf<MapData>>,
}

impl Receiver {
    /// Registers the ring with the runtime.
    ///
    /// # Errors
    ///
    /// What epoll said.
    pub fn new(ring: RingBuf<MapData>) -> io::Result<Self> {
        // SAFETY: a RingBuf keeps its map's descriptor open, and the same, until it is dropped.
        Ok(Self { ring: unsafe { AsyncFd::register_with_interest(ring, Interest::READABLE) }? })
    }

    /// Waits for records and puts up to one batch of them, decoded, behind what `batch` holds already.
    /// Returns whether the ring was empty afterwards. Cancel safe: once a record was taken there is no wait.
    ///
    /// # Errors
    ///
    /// What epoll said.
    pub async fn receive(&mut self, batch: &mut Vec<Result<AlertRecord, Undecodable>>) -> io::Result<bool> {
        let mut ready = self.ring.readable_mut().await?;
        let empty = drain(ready.get_inner_mut(), batch);
        if empty {
            // Clears only what this wait has seen: a record that came since the last look wakes us again.
            ready.clear_ready();
        }
        Ok(empty)
    }

    /// Like [`receive`](Self::receive), without the wait: for the last look, after everything is detached.
    pub fn drain(&mut self, batch: &mut Vec<Result<AlertRecord, Undecodable>>) -> bool {
        drain(self.ring.get_mut(), batch)
    }
}

fn drain(ring: &mut RingBuf<MapData>, batch: &mut Vec<Result<AlertRecord, Undecodable>>) -> bool {
    for _ in 0..BATCH {
        match ring.next() {
            Some(record) => batch.push(AlertRecord::decode(&record)),
            None => return true,
        }
    }
    false
}
