//! Hands each event to every `checker tail`, and keeps the last ones for those who come later.
//!
//! A reader that is slow loses events of its own and is told how many; nobody else notices.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::broadcast;

use super::event::Event;

/// Events that a reader may lag behind before it loses some.
const BACKLOG: usize = 8192;

/// Events kept for `tail -n`.
const HISTORY: usize = 1000;

/// The alert stream.
#[derive(Debug)]
pub struct Stream {
    sender: broadcast::Sender<Arc<Event>>,
    history: Mutex<History>,
}

/// The last events.
#[derive(Debug, Default)]
struct History {
    events: VecDeque<Arc<Event>>,
    /// How many there were before them.
    forgotten: u64,
}

/// What a new reader gets.
#[derive(Debug)]
pub struct Subscription {
    /// The past events that it wanted, oldest first.
    pub past: Vec<Arc<Event>>,
    /// How many events there were before the oldest that is kept.
    pub forgotten: u64,
    /// All that follow.
    pub live: broadcast::Receiver<Arc<Event>>,
}

impl Default for Stream {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(BACKLOG), history: Mutex::default() }
    }
}

impl Stream {
    /// Hands `event` to every reader.
    pub fn publish(&self, event: &Arc<Event>) {
        // Under the lock, so that a reader who subscribes meanwhile gets it exactly once.
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        if history.events.len() == HISTORY {
            history.events.pop_front();
            history.forgotten += 1;
        }
        history.events.push_back(Arc::clone(event));
        // An error says only that nobody reads.
        let _nobody = self.sender.send(Arc::clone(event));
    }

    /// The last `count` events and all that follow, without a gap.
    pub fn subscribe(&self, count: usize) -> Subscription {
        let history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        let skip = history.events.len().saturating_sub(count);
        let past = history.events.iter().skip(skip).cloned().collect();
        Subscription { past, forgotten: history.forgotten, live: self.sender.subscribe() }
    }

    /// How many readers there are.
    #[must_use]
    pub fn readers(&self) -> usize {
        self.sender.receiver_count()
    }
}
