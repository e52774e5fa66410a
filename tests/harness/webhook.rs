//! A server for webhooks that answers as a test wants it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, Ordering::SeqCst},
    },
    thread,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::netns::Namespace;

/// The answer that never comes.
pub const HANG: u16 = 0;

/// A listening server. Its threads end with the test's process.
#[derive(Debug)]
pub struct Webhook {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    answer: AtomicU16,
    requests: Mutex<Vec<Request>>,
}

/// What was posted.
#[derive(Clone, Debug)]
pub struct Request {
    /// Header lines.
    pub head: String,
    /// The body.
    pub events: Vec<Value>,
    /// What it was answered.
    pub answered: u16,
}

impl Webhook {
    /// On the loopback address of a namespace; answers with `status`.
    ///
    /// # Errors
    ///
    /// When it cannot listen.
    pub fn new(namespace: &Namespace, status: u16) -> Result<Self> {
        let listener = namespace.enter(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))??;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { answer: AtomicU16::new(status), requests: Mutex::default() });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                // A client that goes away in the middle is one of the things that are tested.
                thread::spawn(move || drop(serve(&client, &shared)));
            }
        });
        Ok(Self { address, shared })
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers otherwise from now on.
    pub fn answer(&self, status: u16) {
        self.shared.answer.store(status, SeqCst);
    }

    /// What was posted so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().clone()
    }

    /// Number of each alert that it answered with 200, in the order in which they came.
    #[must_use]
    pub fn taken(&self) -> Vec<u64> {
        let requests = self.shared.lock();
        let taken = requests.iter().filter(|request| request.answered == 200);
        taken
            .flat_map(|request| &request.events)
            .filter_map(|event| event["checker"]["seq"].as_u64())
            .collect()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(client: &TcpStream, shared: &Shared) -> Result<()> {
    let mut input = BufReader::new(client);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().context("no length")?;
            }
            if line == "\r\n" {
                break;
            }
            head += &line;
        }
        let mut body = vec![0; length];
        input.read_exact(&mut body)?;
        let answered = shared.answer.load(SeqCst);
        let events = serde_json::from_slice(&body).context("the body is no JSON array")?;
        shared.lock().push(Request { head, events, answered });
        if answered == HANG {
            // Until the client has had enough.
            input.read_to_end(&mut Vec::new())?;
            return Ok(());
        }
        write!(&mut &*client, "HTTP/1.1 {answered} Whatever\r\nContent-Length: 0\r\n\r\n")?;
    }
}
