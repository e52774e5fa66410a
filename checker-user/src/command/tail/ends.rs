//! Both ends of a `tail`, the socket and standard output, and the signals that may come while it waits for either: a
//! reader that has stopped reading must not keep Ctrl-C from its summary.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
};

use nix::{
    errno::Errno,
    libc::PIPE_BUF,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        signal::{SigSet, Signal},
        signalfd::{SfdFlags, SignalFd},
    },
};

/// SIGINT and SIGTERM, which from here on are read and end nothing by themselves.
#[derive(Debug)]
pub(super) struct Signals(SignalFd);

impl Signals {
    pub(super) fn block() -> io::Result<Self> {
        let mut asked = SigSet::empty();
        asked.add(Signal::SIGINT);
        asked.add(Signal::SIGTERM);
        asked.thread_block()?;
        Ok(Self(SignalFd::with_flags(&asked, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?))
    }
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Next {
    /// A line, without its end.
    Line(String),
    /// The daemon hung up.
    End,
    /// Somebody asks to stop.
    Asked,
    /// Nobody reads standard output any more.
    Unread,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    All,
    /// Somebody asks to stop.
    Asked,
    /// Nobody reads standard output any more.
    Unread,
}

/// What there is to wait for.
enum Woken {
    Ready,
    Asked,
    Unread,
}

/// Socket, standard output and signals.
#[derive(Debug)]
pub(super) struct Ends {
    input: BufReader<UnixStream>,
    signals: Signals,
    /// What has come of the next line.
    line: Vec<u8>,
}

impl Ends {
    pub(super) fn new(input: BufReader<UnixStream>, signals: Signals) -> io::Result<Self> {
        input.get_ref().set_nonblocking(true)?;
        Ok(Self { input, signals, line: Vec::new() })
    }

    /// Waits for a whole line.
    pub(super) fn next(&mut self) -> io::Result<Next> {
        // There may always be a next line, and none that is shown.
        if self.signals.0.read_signal()?.is_some() {
            return Ok(Next::Asked);
        }
        loop {
            // What was read before it had to wait stays in the line.
            match self.input.read_until(b'\n', &mut self.line) {
                Ok(0) => return Ok(Next::End),
                Ok(_) if self.line.last() == Some(&b'\n') => {
                    self.line.pop();
                    let line = String::from_utf8(std::mem::take(&mut self.line));
                    return line.map(Next::Line).map_err(io::Error::other);
                }
                Ok(_) => return Ok(Next::End),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            let socket = PollFd::new(self.input.get_ref().as_fd(), PollFlags::POLLIN);
            match self.wait(Some(socket), PollFlags::empty())? {
                Woken::Ready => {}
                Woken::Asked => return Ok(Next::Asked),
                Woken::Unread => return Ok(Next::Unread),
            }
        }
    }

    /// Writes a line at once: an alert that waits in a buffer is no live alert.
    pub(super) fn write(&mut self, line: &[u8]) -> io::Result<Written> {
        let mut stdout = io::stdout();
        // So much a pipe takes whole whenever it takes anything.
        for part in line.chunks(PIPE_BUF) {
            match self.wait(None, PollFlags::POLLOUT)? {
                Woken::Ready => {}
                Woken::Asked => return Ok(Written::Asked),
                Woken::Unread => return Ok(Written::Unread),
            }
            match stdout.write_all(part).and_then(|()| stdout.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Written::Unread),
                written => written?,
            }
        }
        Ok(Written::All)
    }

    /// Waits for a signal, for `input`, or until standard output is `output`.
    fn wait(&self, input: Option<PollFd<'_>>, output: PollFlags) -> io::Result<Woken> {
        let stdout = io::stdout();
        let signals: BorrowedFd<'_> = self.signals.0.as_fd();
        let mut all = vec![PollFd::new(signals, PollFlags::POLLIN), PollFd::new(stdout.as_fd(), output)];
        all.extend(input);
        // A process that was stopped and goes on is interrupted too.
        while poll(&mut all, PollTimeout::NONE).or_else(again)? == 0 {}
        let events: Vec<_> = all.iter().map(|fd| fd.revents().unwrap_or(PollFlags::empty())).collect();
        Ok(if !events[0].is_empty() {
            Woken::Asked
        } else if !(events[1] - PollFlags::POLLOUT).is_empty() {
            // Errors are told without being asked for.
            Woken::Unread
        } else {
            Woken::Ready
        })
    }
}

/// No event yet, if it was only interrupted.
fn again(error: Errno) -> Result<i32, Errno> {
    if error == Errno::EINTR { Ok(0) } else { Err(error) }
}
