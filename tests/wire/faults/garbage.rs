//! Clients that send garbage, half a request or far too much, by the thousand. What a request can be is fuzzed
//! (`fuzz/targets/control.rs`); here it is the daemon that reads it.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use harness::daemon::Daemon;
use serde_json::Value;

use crate::{restricted, watched};

const REQUESTS: usize = 2_000;

/// Longer than any request.
const HUGE: usize = 200_000;

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn nothing_that_thousands_of_clients_send_harms_the_daemon() -> Result<()> {
    let (wire, daemon) = watched()?;
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/control");
    // What changes nothing, whatever becomes of a byte or two.
    let requests =
        ["explain", "addresses", "lists", "alert", "refused"].map(|name| fs::read(corpus.join(name)));
    let requests = requests.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut random = Rng::with_seed(0x0c0f_fee0);
    let mut open = Vec::new();
    for number in 0..REQUESTS {
        let mut bytes = random.choice(&requests).context("no corpus")?.clone();
        match number % 4 {
            0 => bytes = (0..random.usize(0..300)).map(|_| random.u8(..)).collect(),
            1 => bytes.truncate(random.usize(..bytes.len())),
            2 => {
                for _ in 0..random.usize(1..4) {
                    let place = random.usize(..bytes.len());
                    bytes[place] = random.u8(..);
                }
            }
            _ if number % 100 == 3 => bytes = vec![random.u8(b' '..b'~'); HUGE],
            _ => {}
        }
        let line_end = random.bool();
        if line_end {
            bytes.push(b'\n');
        }
        if let Some(stream) =
            send(&daemon, &bytes, line_end || random.bool()).with_context(|| format!("request {number}"))?
        {
            open.push(stream);
        }
    }
    ensure!(!open.is_empty(), "nobody left half a request behind");
    drop(open);
    let status = daemon.status()?;
    assert_eq!((&status["generation"], &status["readers"]), (&1.into(), &0.into()));
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(1)?;
    daemon.stop()?.expect(0)?;
    Ok(())
}

/// Sends it, and reads the answer if it is ended; an end that is left open is given back.
fn send(daemon: &Daemon, bytes: &[u8], ended: bool) -> Result<Option<UnixStream>> {
    let mut stream = UnixStream::connect(&daemon.socket)?;
    // Who sends too much is not listened to until the end.
    let whole = stream.write_all(bytes);
    if !ended {
        return Ok(Some(stream));
    }
    let _hung_up = stream.shutdown(Shutdown::Write);
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    if bytes.len() < HUGE {
        whole?;
        read?;
        let reply: Value =
            serde_json::from_str(&answer).with_context(|| format!("the answer is {answer:?}"))?;
        ensure!(reply["reply"].is_string(), "the answer is {answer:?}");
    }
    Ok(None)
}
