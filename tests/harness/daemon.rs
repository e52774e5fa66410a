//! A daemon under test, as its clients and whoever started it see it.

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{
    checker::Call,
    lists::Lists,
    process::{Ended, Process},
    schema,
    wait::wait_until,
};

/// A daemon that watches; dropping it kills it.
#[derive(Debug)]
pub struct Daemon {
    pub(crate) process: Process,
    /// Its folder.
    pub lists: Lists,
    /// Its control socket.
    pub socket: PathBuf,
}

impl Daemon {
    /// Its process.
    #[must_use]
    pub const fn process(&self) -> &Process {
        &self.process
    }

    /// Runs a client command against it: `daemon.call("load", &["TWO=two.txt"])`, from the daemon's folder.
    ///
    /// # Errors
    ///
    /// When the command does not start or does not end.
    pub fn call(&self, command: &str, words: &[&str]) -> Result<Ended> {
        self.client(command, words).run()
    }

    /// The same, not yet started.
    #[must_use]
    pub fn client<'a>(&'a self, command: &str, words: &[&str]) -> Call<'a> {
        let socket = self.socket.as_os_str().to_owned();
        let words = words.iter().map(OsString::from);
        let all = [command.into(), "--control".into(), socket].into_iter().chain(words);
        Call::new(all).in_folder(self.lists.folder())
    }

    /// Its status, asked for in the words of the socket.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn status(&self) -> Result<Value> {
        let reply = ask(&self.socket, "{\"command\":\"status\"}\n")?;
        ensure!(reply["reply"] == "status", "asked for the status, it answered {reply}");
        Ok(reply["content"].clone())
    }

    /// Waits until it has seen so many packets.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn wait_until_seen(&self, packets: u64) -> Result<()> {
        wait_until(&format!("the daemon has seen {packets} packets"), || {
            match self.status().map(|status| status["account"]["seen"].as_u64()) {
                Ok(Some(seen)) if seen >= packets => Ok(()),
                Ok(seen) => Err(format!("it has seen {seen:?}")),
                Err(error) => Err(format!("{error:#}")),
            }
        })
    }

    /// Waits until it has printed so many lines, and gives them all.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn wait_for_lines(&self, count: usize) -> Result<Vec<String>> {
        self.process.wait_for_lines(count)
    }

    /// Waits until it has printed so many events, and gives them all.
    ///
    /// # Errors
    ///
    /// When it does not, or when a line is no JSON.
    pub fn wait_for_events(&self, count: usize) -> Result<Vec<Value>> {
        events(&self.wait_for_lines(count)?)
    }

    /// Stops it with Ctrl-C's signal, and waits for its end.
    ///
    /// # Errors
    ///
    /// When it goes on.
    pub fn stop(self) -> Result<Ended> {
        self.process.signal(Signal::SIGINT)?;
        self.process.wait()
    }

    /// Waits until it has ended by itself; its folder stays until the caller drops it.
    ///
    /// # Errors
    ///
    /// When it goes on.
    pub fn wait(self) -> Result<(Ended, Lists)> {
        Ok((self.process.wait()?, self.lists))
    }
}

/// Lines of EVE JSON as values, each as `docs/schema` says.
///
/// # Errors
///
/// With the line that is none.
pub fn events<L: AsRef<str>>(lines: &[L]) -> Result<Vec<Value>> {
    let event = |line: &L| -> Result<Value> {
        let event =
            serde_json::from_str(line.as_ref()).with_context(|| format!("no JSON: {:?}", line.as_ref()))?;
        schema::EVE.check(&event)?;
        Ok(event)
    };
    lines.iter().map(event).collect()
}

/// Sends `request` as it is and reads one line.
///
/// # Errors
///
/// When nobody answers, or not in JSON.
pub fn ask(socket: &Path, request: &str) -> Result<Value> {
    let mut stream =
        UnixStream::connect(socket).with_context(|| format!("cannot reach {}", socket.display()))?;
    stream.write_all(request.as_bytes()).context("the daemon does not read the request")?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).context("the daemon does not answer")?;
    serde_json::from_str(&answer).with_context(|| format!("the daemon answered {answer:?}"))
}
