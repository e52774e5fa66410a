//! Blocks are judged by several threads, and what comes of them is used in the order of the input.
//!
//! All threads do the same: read a block while nobody else reads, judge it, and lay it down; whoever lays down the one whose
//! turn it is hands over that and all that follow it. No more wait for their turn than there are threads, so there are
//! never more blocks in memory than two for each.

use std::{
    collections::BTreeMap,
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

struct Shared<R, T, F> {
    source: Mutex<Blocks<R>>,
    turn: Mutex<Turn<T, F>>,
    next: Condvar,
    /// Blocks that may wait for their turn.
    room: usize,
}

struct Turn<T, F> {
    /// The block whose turn it is.
    number: u64,
    /// Blocks that were judged before their turn, by their numbers.
    waiting: BTreeMap<u64, Judged<T>>,
    /// Memory of those that were handed over.
    spare: Vec<(Block, T)>,
    finish: F,
    failed: Option<Failure>,
}

/// A block, what came of it, and whether it was read.
struct Judged<T>(Block, T, io::Result<()>);

/// Has every block judged by `work` on one of `threads` threads, and what it made of it taken by `finish`, in order.
///
/// # Errors
///
/// The first failure. What was read before it was judged and handed over.
pub fn run<R: Read + Send, T: Default + Send>(
    blocks: Blocks<R>,
    threads: NonZero<usize>,
    work: impl Fn(&Block, &mut T) + Sync,
    finish: impl FnMut(&Block, &mut T) -> io::Result<()> + Send,
) -> Result<(), Failure> {
    let shared = Shared {
        source: Mutex::new(blocks),
        turn: Mutex::new(Turn {
            number: 0,
            waiting: BTreeMap::new(),
            spare: Vec::new(),
            finish,
            failed: None,
        }),
        next: Condvar::new(),
        room: threads.get(),
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

impl<R: Read, T: Default, F> Shared<R, T, F>
where
    F: FnMut(&Block, &mut T) -> io::Result<()>,
{
    /// One thread's work; `begun` hears whether there is more behind the first block.
    fn work(&self, work: impl Fn(&Block, &mut T), begun: impl FnOnce(bool)) {
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
            let read = match read {
                Ok(false) => return,
                Ok(true) => {
                    work(&block, &mut made);
                    Ok(())
                }
                Err(error) => Err(error),
            };
            let Some(spare) = self.lay_down(Judged(block, made, read)) else { return };
            (block, made) = spare;
        }
    }

    /// Waits for room, and hands over what has its turn; gives memory for the next block, or `None` after a failure.
    fn lay_down(&self, judged: Judged<T>) -> Option<(Block, T)> {
        let number = judged.0.number;
        let mut turn = lock(&self.turn);
        while turn.number != number && turn.waiting.len() >= self.room && turn.failed.is_none() {
            turn = self.next.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        turn.waiting.insert(number, judged);
        if turn.number == number {
            turn.hand_over();
            self.next.notify_all();
        }
        if turn.failed.is_some() { None } else { Some(turn.spare.pop().unwrap_or_default()) }
    }
}

impl<T, F: FnMut(&Block, &mut T) -> io::Result<()>> Turn<T, F> {
    /// The block whose turn it is, and all that are there behind it.
    fn hand_over(&mut self) {
        while self.failed.is_none()
            && let Some(Judged(block, mut made, read)) = self.waiting.remove(&self.number)
        {
            self.failed = match read {
                Ok(()) => (self.finish)(&block, &mut made).err().map(Failure::Write),
                Err(error) => Some(Failure::Read(error)),
            };
            self.number += 1;
            self.spare.push((block, made));
        }
    }
}

/// Lets the others go when a thread panics: its turn would never end.
struct Gone<'a, R, T, F>(&'a Shared<R, T, F>);

impl<R, T, F> Drop for Gone<'_, R, T, F> {
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
