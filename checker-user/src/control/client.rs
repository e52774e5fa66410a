//! The client's end: one request, one reply, or a stream of events.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::net::UnixStream,
    path::Path,
};

use anyhow::{Context as _, bail};

use super::protocol::{Reply, Request};

/// Asks the daemon at `socket`; a refusal is an error.
///
/// # Errors
///
/// One sentence: no daemon there, no permission, or why it refused.
pub fn ask(socket: &Path, request: &Request) -> anyhow::Result<Reply> {
    Ok(open(socket, request)?.0)
}

/// Like [`ask`], and gives the lines that follow the reply.
///
/// # Errors
///
/// The same.
pub fn open(socket: &Path, request: &Request) -> anyhow::Result<(Reply, BufReader<UnixStream>)> {
    let mut stream = connect(socket)?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line).context("the daemon hung up")?;
    let mut input = BufReader::new(stream);
    let mut answer = String::new();
    input.read_line(&mut answer).context("the daemon hung up")?;
    if answer.is_empty() {
        bail!("the daemon hung up without an answer");
    }
    let reply = serde_json::from_str(&answer)
        .context("the daemon's answer is not understood; is it another version?")?;
    if let Reply::Refused(why) = reply {
        bail!(why);
    }
    Ok((reply, input))
}

/// Whether a daemon listens there.
#[must_use]
pub fn is_listening(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}

/// Whether nobody listens there.
#[must_use]
pub fn is_absent(socket: &Path) -> bool {
    UnixStream::connect(socket).is_err_and(|error| is_nobody(&error))
}

fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

fn connect(socket: &Path) -> anyhow::Result<UnixStream> {
    UnixStream::connect(socket).or_else(|error| {
        if is_nobody(&error) {
            bail!("no checker daemon listens on {}; start one with checker run", socket.display());
        }
        Err(error).with_context(|| format!("cannot reach the daemon on {}", socket.display()))
    })
}
