//! Blocks are judged by several threads, and what comes of them is used in the order of the input.
//!
//! All threads do the same: read a block while nobody else reads, judge it, wait for its turn, hand over. So there
//! are never more blocks in memory than threads.

use std::{
    io::{self, Read},
    num::NonZero,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use super::blocks::{Block, Blocks};

/// What kept an input from being judged to its end.
#[derive(Debug)]
pub enum Failure {
    /// It could not be read.
    Read(io::Error),
    /// What came of it could not be handed over.
    Write(io::Error),
}

struct Shared<R, F> {
    source: Mutex<Blocks<R>>,
    turn: Mutex<Turn<F>>,
    next: Condvar,
}

struct Turn<F> {
    /// The block whose turn it is.
    number: u64,
    finish: F,
    failed: Option<Failure>,
}

/// Has every block judged by `work` on one of `threads` threads, and what it made of it taken by `finish`, in order.
///
/// # Errors
///
/// The first failure. What was read before it was judged and handed over.
pub fn run<R: Read + Send, T: Default>(
    blocks: Blocks<R>,
    threads: NonZero<usize>,
    work: impl Fn(&Block, &mut T) + Sync,
    finish: impl FnMut(&Block, &mut T) -> io::Result<()> + Send,
) -> Result<(), Failure> {
    let shared = Shared {
        source: Mutex::new(blocks),
        turn: Mutex::new(Turn { number: 0, finish, failed: None }),
        next: Condvar::new(),
    };
    thread::scope(|scope| {
        shared.work(&work, |more| {
            // What fits one block is not worth a thread.
            for _ in 1..if more { threads.get() } else { 1 } {
                scope.spawn(|| shared.work(&work, |_| {}));
            }
        });
    });
    let turn = shared.turn.into_inner().unwrap_or_else(PoisonError::into_inner);
    turn.failed.map_or(Ok(()), Err)
}

impl<R: Read, F> Shared<R, F> {
    /// One thread's work; `begun` hears whether there is more behind the first block.
    fn work<T: Default>(&self, work: impl Fn(&Block, &mut T), begun: impl FnOnce(bool))
    where
        F: FnMut(&Block, &mut T) -> io::Result<()>,
    {
        let _gone = Gone(self);
        let mut begun = Some(begun);
        let (mut block, mut made) = (Block::default(), T::default());
        loop {
            let mut source = lock(&self.source);
            let read = source.next(&mut block);
            let more = !source.ended();
            drop(source);
            if let Some(begun) = begun.take() {
                begun(more);
            }
            match read {
                Ok(true) => work(&block, &mut made),
                Ok(false) => return,
                Err(_) => {}
            }
            let mut turn = lock(&self.turn);
            while turn.number != block.number && turn.failed.is_none() {
                turn = self.next.wait(turn).unwrap_or_else(PoisonError::into_inner);
            }
            if turn.failed.is_none() {
                turn.failed = match read {
                    Ok(_) => (turn.finish)(&block, &mut made).err().map(Failure::Write),
                    Err(error) => Some(Failure::Read(error)),
                };
            }
            turn.number += 1;
            let failed = turn.failed.is_some();
            drop(turn);
            self.next.notify_all();
            if failed {
                return;
            }
        }
    }
}

/// Lets the others go when a thread panics: its turn would never end.
struct Gone<'a, R, F>(&'a Shared<R, F>);

impl<R, F> Drop for Gone<'_, R, F> {
    fn drop(&mut self) {
        if thread::panicking() {
            let failure = Failure::Write(io::Error::other("a thread panicked"));
            lock(&self.0.turn).failed.get_or_insert(failure);
            self.0.next.notify_all();
        }
    }
}

/// A thread that panicked takes the process down when it is joined; until then its neighbours may go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
