//! What a program prints, line by line, while it runs.

use std::{
    io::{BufRead as _, BufReader, Read},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
};

/// Lines that a thread collects.
#[derive(Debug)]
pub struct Lines {
    collected: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    reader: Option<thread::JoinHandle<()>>,
}

impl Lines {
    /// Collects what comes out of `source` until it ends; `None` has ended already.
    pub fn of(source: Option<impl Read + Send + 'static>) -> Self {
        let collected = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(AtomicBool::new(source.is_none()));
        let reader = source.map(|source| {
            let (collected, ended) = (Arc::clone(&collected), Arc::clone(&ended));
            thread::spawn(move || {
                for line in BufReader::new(source).split(b'\n') {
                    let Ok(line) = line else { break };
                    let line = String::from_utf8_lossy(&line).into_owned();
                    collected.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                }
                ended.store(true, SeqCst);
            })
        });
        Self { collected, ended, reader }
    }

    /// The lines so far, locked.
    pub fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `wanted` makes of the first line that it takes.
    pub fn find<T>(&self, wanted: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.lock().iter().find_map(|line| wanted(line))
    }

    /// All lines so far as text.
    #[must_use]
    pub fn text(&self) -> String {
        self.lock().iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// Whether no more can come.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.ended.load(SeqCst)
    }

    /// Waits until no more can come.
    pub fn join(&mut self) {
        if let Some(reader) = self.reader.take() {
            // A panic there would be ours.
            let _read = reader.join();
        }
    }
}
