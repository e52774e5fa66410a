//! Listens, on a thread of its own: whoever asks, however often or slowly, is not on the thread that reads the ring.

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Context as _;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    sync::{Semaphore, oneshot},
    time::{sleep, timeout},
};
use tracing::{debug, info, warn};

use super::answer::answer;
use crate::daemon::commands::Commands;

/// Clients at the same time; one more is hung up on.
const CLIENTS: usize = 16;

/// A client must have asked, and have taken the answer, by then.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Takes the port, before anything else is made.
///
/// # Errors
///
/// When it is taken already, or not this machine's.
pub fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot serve metrics on {address}"))?;
    listener.set_nonblocking(true)?;
    if !address.ip().is_loopback() {
        warn!("metrics and health are for everybody who reaches {address}");
    }
    Ok(listener)
}

/// Starts to serve.
///
/// # Errors
///
/// When there can be no more threads.
pub fn start(listener: TcpListener, commands: Arc<Commands>) -> anyhow::Result<Server> {
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (stop, stopped) = oneshot::channel();
    let serving = async move {
        tokio::select! {
            ended = serve(listener, commands) => {
                if let Err(error) = ended {
                    warn!("metrics are no longer served: {error}");
                }
            }
            _ = stopped => {}
        }
    };
    let thread =
        thread::Builder::new().name("metrics".to_owned()).spawn(move || runtime.block_on(serving))?;
    info!("metrics on http://{address}/metrics, health on http://{address}/healthz");
    Ok(Server { stop: Some(stop), thread: Some(thread) })
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        // Nothing it does takes long; what it still holds of the daemon goes with it.
        let _panicked = self.thread.take().map(JoinHandle::join);
    }
}

async fn serve(listener: TcpListener, commands: Arc<Commands>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CLIENTS));
    loop {
        let (client, _) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most likely: give the others time to end.
                debug!("cannot accept a client of the metrics: {error}");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Hung up on, rather than kept waiting: who asks again finds a place sooner.
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let commands = Arc::clone(&commands);
        tokio::spawn(async move {
            if timeout(PATIENCE, converse(client, &commands)).await.is_err() {
                debug!("a client of the metrics was too slow");
            }
            drop(place);
        });
    }
}

/// One request, one answer.
async fn converse(client: TcpStream, commands: &Commands) {
    let service = service_fn(async |request| Ok::<_, Infallible>(answer(&request, commands).await));
    let connection = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(client), service);
    if let Err(error) = connection.await {
        debug!("a client of the metrics: {error}");
    }
}
