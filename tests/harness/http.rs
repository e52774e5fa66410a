//! A server of lists on the loopback of a namespace, which does as a test says; over TLS too.

use std::{
    collections::HashMap,
    io::{self, BufRead as _, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::tls::tls;

/// What a path answers with.
#[derive(Clone, Debug)]
pub enum Page {
    /// 200 with this, or 304 when the client has it already: the `ETag` is made of the text.
    List(String),
    /// This status, with a page of HTML.
    Status(u16),
    /// 503, and not to be asked for so many seconds.
    Later(u64),
    /// 200 with this as it is, without anything to tell versions by.
    Bare(String),
    /// A redirect.
    To(String),
    /// A `Content-Length` of so many bytes, and no more than that header.
    Length(u64),
    /// A body that has no end.
    Endless,
    /// Less than was promised.
    Cut(String),
    /// Nothing at all, while the client waits.
    Hang,
    /// Something that is no HTTP.
    Nonsense,
}

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    pages: Mutex<HashMap<String, Page>>,
    /// The head of each request.
    requests: Mutex<Vec<String>>,
    /// Senders of those that hang: dropped, they let go.
    hanging: Mutex<Vec<mpsc::Sender<()>>>,
    stopped: Mutex<bool>,
}

impl Server {
    /// On the loopback of the namespace that the calling thread is in.
    ///
    /// # Errors
    ///
    /// When nobody may listen there.
    pub fn new() -> Result<Self> {
        Self::start(None, "http")
    }

    /// The same over TLS, as `localhost`; the certificate of who vouches for it is written to `ca`.
    ///
    /// # Errors
    ///
    /// As [`Self::new`], or when the file cannot be written.
    pub fn with_tls(ca: &Path) -> Result<Self> {
        Self::start(Some(Arc::new(tls(ca)?)), "https")
    }

    fn start(tls: Option<Arc<rustls::ServerConfig>>, scheme: &'static str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("cannot listen on the loopback")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if *lock(&serving.stopped) {
                    break;
                }
                let (shared, tls) = (Arc::clone(&serving), tls.clone());
                // A client that hangs up is its own business.
                thread::spawn(move || -> Option<()> {
                    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
                    match tls {
                        Some(tls) => {
                            let connection = rustls::ServerConnection::new(tls).ok()?;
                            answer(rustls::StreamOwned::new(connection, stream), &shared).ok()
                        }
                        None => answer(stream, &shared).ok(),
                    }
                });
            }
        });
        Ok(Self { address, scheme, shared })
    }

    /// From now on this path answers like this.
    pub fn serve(&self, path: &str, page: Page) {
        lock(&self.shared.pages).insert(path.to_owned(), page);
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let host =
            if self.scheme == "https" { "localhost".to_owned() } else { self.address.ip().to_string() };
        format!("{}://{host}:{}{path}", self.scheme, self.address.port())
    }

    /// The heads of the requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.requests).clone()
    }

    /// Lets go of the clients that hang.
    pub fn let_go(&self) {
        lock(&self.shared.hanging).clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *lock(&self.shared.stopped) = true;
        self.let_go();
        // Wakes the thread that accepts; in another namespace nobody can, and it ends with the test.
        let _gone = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}

fn answer(mut stream: impl Read + Write, shared: &Shared) -> io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(&mut stream);
    while reader.read_line(&mut head)? > 2 {}
    let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let path = path.split('?').next().unwrap_or_default();
    lock(&shared.requests).push(head.clone());
    let page = lock(&shared.pages).get(path).cloned().unwrap_or(Page::Status(404));
    match page {
        Page::List(text) => {
            let tag = format!("\"{}-{}\"", text.len(), text.bytes().map(u64::from).sum::<u64>());
            if head.to_lowercase().contains(&format!("if-none-match: {tag}")) {
                write!(stream, "HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\nConnection: close\r\n\r\n")?;
            } else {
                let more = format!("ETag: {tag}\r\nLast-Modified: Wed, 25 Nov 2026 10:00:00 GMT\r\n");
                whole(&mut stream, "200 OK", &more, &text)?;
            }
        }
        Page::Status(status) => {
            let text = "<!DOCTYPE html><html><body>203.0.113.1 says no</body></html>";
            whole(&mut stream, &format!("{status} So be it"), "", text)?;
        }
        Page::Later(seconds) => {
            whole(&mut stream, "503 Service Unavailable", &format!("Retry-After: {seconds}\r\n"), "")?;
        }
        Page::Bare(text) => whole(&mut stream, "200 OK", "", &text)?,
        Page::To(url) => whole(&mut stream, "302 Found", &format!("Location: {url}\r\n"), "")?,
        Page::Length(length) => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
        }
        Page::Endless => {
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            let lines = b"203.0.113.0/24\n".repeat(1 << 16);
            while stream.write_all(&lines).is_ok() {}
        }
        Page::Cut(text) => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                text.len() + 1
            )?;
            stream.write_all(text.as_bytes())?;
        }
        Page::Hang => {
            let (sender, receiver) = mpsc::channel();
            lock(&shared.hanging).push(sender);
            let _let_go = receiver.recv();
        }
        Page::Nonsense => stream.write_all(b"220 mail.example ESMTP\r\n")?,
    }
    stream.flush()
}

fn whole(stream: &mut impl Write, status: &str, more: &str, text: &str) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
