//! A server for webhooks that answers as a test wants it.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, Ordering::SeqCst},
    },
    thread,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{netns::Namespace, tls::tls};

/// The answer that never comes.
pub const HANG: u16 = 0;

/// A listening server. Its threads end with the test's process.
#[derive(Debug)]
pub struct Webhook {
    address: SocketAddr,
    scheme: &'static str,
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
        Self::start(namespace, status, None)
    }

    /// The same over TLS, as `localhost`; the certificate of who vouches for it is written to `ca`.
    ///
    /// # Errors
    ///
    /// As [`Self::new`], or when the file cannot be written.
    pub fn with_tls(namespace: &Namespace, status: u16, ca: &Path) -> Result<Self> {
        Self::start(namespace, status, Some(Arc::new(tls(ca)?)))
    }

    fn start(namespace: &Namespace, status: u16, tls: Option<Arc<rustls::ServerConfig>>) -> Result<Self> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = namespace.enter(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))??;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { answer: AtomicU16::new(status), requests: Mutex::default() });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (shared, tls) = (Arc::clone(&serving), tls.clone());
                // A client that goes away in the middle is one of the things that are tested.
                thread::spawn(move || -> Result<()> {
                    match tls {
                        Some(tls) => {
                            let connection = rustls::ServerConnection::new(tls)?;
                            serve(rustls::StreamOwned::new(connection, client), &shared)
                        }
                        None => serve(client, &shared),
                    }
                });
            }
        });
        Ok(Self { address, scheme, shared })
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        match self.scheme {
            "https" => format!("https://localhost:{}", self.address.port()),
            scheme => format!("{scheme}://{}", self.address),
        }
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

fn serve(client: impl Read + Write, shared: &Shared) -> Result<()> {
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
        write!(input.get_mut(), "HTTP/1.1 {answered} Whatever\r\nContent-Length: 0\r\n\r\n")?;
        input.get_mut().flush()?;
    }
}
