//! Serves the socket: one task a client, so a client that stalls holds up nobody but itself.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use serde::Serialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::broadcast::error::RecvError,
};
use tracing::{debug, info, warn};

use super::{
    access::{Credentials, Readers},
    protocol::{MAX_REQUEST, Reply, Request},
    socket::Socket,
};
use crate::{
    alerts::{
        event::{Event, Loss, LossType, Lost, Place},
        facts::Peer,
        moment::Moment,
        stream::Subscription,
    },
    daemon::commands::Commands,
};

/// How long a client may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// Accepts clients until the task is dropped.
pub async fn serve(socket: &Socket, commands: Arc<Commands>) {
    let readers = socket.readers;
    loop {
        match socket.listener.accept().await {
            Ok((client, _)) => {
                let commands = Arc::clone(&commands);
                tokio::spawn(async move {
                    if let Err(error) = answer(client, readers, &commands).await {
                        debug!("a client of the control socket: {error:#}");
                    }
                });
            }
            Err(error) => {
                // Out of descriptors, most likely: give the others time to end.
                warn!("cannot accept a client: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(client: UnixStream, readers: Readers, commands: &Arc<Commands>) -> anyhow::Result<()> {
    let peer = client.peer_cred().context("no peer credentials")?;
    let credentials = Credentials::of(&client, peer.uid(), peer.gid()).context("no peer groups")?;
    let (input, mut output) = client.into_split();
    let mut input = BufReader::new(input);
    let request = tokio::time::timeout(PATIENCE, read(&mut input))
        .await
        .unwrap_or_else(|_| Err(anyhow!("no whole request within {} s", PATIENCE.as_secs())));
    let request = match request {
        Ok(request) => request,
        Err(error) => return say(&mut output, &Reply::Refused(format!("{error:#}"))).await,
    };
    let (uid, pid) = (peer.uid(), peer.pid().unwrap_or(0));
    // Whoever watches the watcher asks for its status all day.
    if matches!(
        request,
        Request::Status
            | Request::Flows
            | Request::Lists
            | Request::Explain { .. }
            | Request::Addresses { .. }
    ) {
        debug!("{} asked for by uid {uid}, pid {pid}", request.name());
    } else {
        info!("{} asked for by uid {uid}, pid {pid}", request.name());
    }
    if let Some(refusal) = readers.refusal(&credentials, &request) {
        warn!("{refusal}");
        return say(&mut output, &Reply::Refused(refusal)).await;
    }
    if let Request::Tail { last, follow } = request {
        return tokio::select! {
            ended = tail(&mut output, commands, last, follow) => ended,
            // Nothing may happen for weeks; a reader who leaves is gone at once all the same.
            () = hung_up(&mut input) => Ok(()),
        };
    }
    let name = request.name();
    let reply = commands.carry_out(request, Peer { uid, pid }).await;
    if let Reply::Refused(why) = &reply {
        warn!("{name} refused: {why}");
    }
    say(&mut output, &reply).await
}

async fn read(input: &mut BufReader<OwnedReadHalf>) -> anyhow::Result<Request> {
    let mut line = Vec::new();
    let mut input = input.take(MAX_REQUEST as u64);
    input.read_until(b'\n', &mut line).await.context("cannot read the request")?;
    if line.last() != Some(&b'\n') {
        bail!("the request is not one line of at most {MAX_REQUEST} bytes");
    }
    serde_json::from_slice(&line).map_err(|error| anyhow!("the request is not understood: {error}"))
}

/// Waits for the client's end; what it still says is of no interest.
async fn hung_up(input: &mut BufReader<OwnedReadHalf>) {
    while let Ok(said) = input.fill_buf().await {
        let length = said.len();
        if length == 0 {
            return;
        }
        input.consume(length);
    }
}

async fn say(output: &mut OwnedWriteHalf, message: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(output.write_all(&line).await?)
}

/// Past events, then live ones. What this reader is too slow for is lost to it alone, and it is told so.
async fn tail(
    output: &mut OwnedWriteHalf,
    commands: &Commands,
    last: usize,
    follow: bool,
) -> anyhow::Result<()> {
    let Subscription { past, forgotten, mut live } = commands.stream().subscribe(last);
    say(output, &Reply::Tail { past: past.len(), forgotten }).await?;
    for event in past {
        say(output, &*event).await?;
    }
    if !follow {
        return Ok(());
    }
    loop {
        match live.recv().await {
            Ok(event) => say(output, &*event).await?,
            Err(RecvError::Lagged(count)) => {
                let loss = Lost { place: Place::ReaderTooSlow, label: None, count };
                let timestamp = Moment(jiff::Timestamp::now());
                say(output, &Event::Loss(Loss { timestamp, event_type: LossType::Loss, loss })).await?;
            }
            Err(RecvError::Closed) => return Ok(()),
        }
    }
}
