//! `checker top` in a pseudo-terminal, beside a daemon that sees traffic.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    num::NonZero,
    os::{
        fd::{AsFd as _, AsRawFd as _, OwnedFd},
        unix::process::CommandExt as _,
    },
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use anyhow::{Context as _, Result};
use harness::{checker::binary, daemon::Daemon, frame::Frame, wait::wait_until};
use nix::{
    errno::Errno,
    pty::{Winsize, openpty},
    sys::{
        signal::{Signal, kill},
        termios::{Termios, tcgetattr},
    },
    unistd::{Pid, setsid},
};

use crate::{restricted, watched};

/// A `checker top` and what its terminal shows; dropping it kills it.
struct Screen {
    child: Child,
    keys: File,
    terminal: OwnedFd,
    before: Termios,
    shown: Arc<Mutex<vt100::Parser>>,
    reader: Option<JoinHandle<()>>,
}

impl Screen {
    fn start(daemon: &Daemon, words: &[&str], columns: u16, lines: u16) -> Result<Self> {
        let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(&size, None)?;
        let before = tcgetattr(&pair.slave)?;
        let mut command = Command::new(binary()?);
        command.args(["top", "--control"]).arg(&daemon.socket).args(words);
        command.env("TERM", "xterm-256color").env("NO_COLOR", "1");
        command.stdin(Stdio::from(pair.slave.try_clone()?));
        command.stdout(Stdio::from(pair.slave.try_clone()?)).stderr(Stdio::from(pair.slave.try_clone()?));
        // SAFETY: both calls are safe between fork and exec, and allocate nothing.
        unsafe {
            command.pre_exec(|| {
                // The terminal is its own, as in a shell: its size is asked there, and changes of it are told.
                setsid()?;
                Errno::result(libc::ioctl(0, libc::TIOCSCTTY, 0))?;
                Ok(())
            });
        }
        let child = command.spawn().context("cannot start checker top")?;
        let shown = Arc::new(Mutex::new(vt100::Parser::new(cells(lines)?, cells(columns)?, 0)));
        let mut output = File::from(pair.master.try_clone()?);
        let parser = Arc::clone(&shown);
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The end of a pseudo-terminal is an error.
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                parser.lock().unwrap_or_else(PoisonError::into_inner).process(&bytes[..count]);
            }
        });
        let keys = File::from(pair.master);
        Ok(Self { child, keys, terminal: pair.slave, before, shown, reader: Some(reader) })
    }

    fn parser(&self) -> MutexGuard<'_, vt100::Parser> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&self) -> String {
        self.parser().screen().contents()
    }

    fn press(&mut self, keys: &str) -> Result<()> {
        Ok(self.keys.write_all(keys.as_bytes())?)
    }

    fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
        wait_until(what, || {
            let text = self.text();
            if wanted(&text) { Ok(text) } else { Err(format!("there is\n{text}")) }
        })
    }

    fn wait_for_text(&self, text: &str) -> Result<String> {
        self.wait_for(&format!("{text:?} is on the screen"), |screen| screen.contains(text))
    }

    /// Waits for its end; the terminal must be as it was found.
    fn ended(mut self, code: i32) -> Result<()> {
        let status = wait_until("top ends", || match self.child.try_wait() {
            Ok(Some(status)) => Ok(status),
            Ok(None) => Err(format!("it shows\n{}", self.text())),
            Err(error) => Err(error.to_string()),
        })?;
        assert_eq!(status.code(), Some(code));
        assert_eq!(tcgetattr(self.terminal.as_fd())?, self.before, "the modes of the terminal");
        wait_until("the first screen is back, with its cursor", || {
            let parser = self.parser();
            let screen = parser.screen();
            if screen.alternate_screen() || screen.hide_cursor() { Err("not yet") } else { Ok(()) }
        })
    }

    fn resize(&self, columns: u16, lines: u16) -> Result<()> {
        self.parser().screen_mut().set_size(cells(lines)?, cells(columns)?);
        let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: TIOCSWINSZ reads one Winsize.
        let done = unsafe { libc::ioctl(self.keys.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
        Errno::result(done)?;
        Ok(())
    }
}

fn cells(number: u16) -> Result<NonZero<u16>> {
    NonZero::new(number).context("a terminal has lines and columns")
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
        // The reader ends with the last of the other ends, one of which is ours.
        drop(self.reader.take());
    }
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn traffic_is_seen_sorted_filtered_and_looked_into() -> Result<()> {
    let (wire, daemon) = watched()?;
    let sender = wire.sender()?;
    let other = Frame::between("203.0.113.77", "198.51.100.9").udp(40_001, 161).bytes();
    let mut top = Screen::start(&daemon, &["-d", "1s", "--color", "always"], 100, 30)?;
    top.wait_for_text("near0 native")?;
    sender.send(&restricted(), 30)?;
    sender.send(&other, 5)?;
    top.wait_for_text("lost 0 of matched 35")?;
    let screen = top.wait_for("both flows", |text| {
        text.contains("203.0.113.1:40000") && text.contains("203.0.113.77:40001")
    })?;
    assert!(screen.contains("canary found"), "{screen}");
    let line_of = |screen: &str, text: &str| screen.lines().position(|line| line.contains(text));
    assert!(line_of(&screen, "203.0.113.1:40000") < line_of(&screen, "203.0.113.77:40001"), "{screen}");
    // The other way round.
    top.press("P")?;
    top.wait_for("the order turned", |text| {
        line_of(text, "203.0.113.77:40001") < line_of(text, "203.0.113.1:40000")
    })?;
    top.press("/port=161\r")?;
    let screen = top.wait_for_text("1 of 2 flows: port=161")?;
    assert!(!screen.contains("203.0.113.1:40000"), "{screen}");
    top.press("\r")?;
    let screen = top.wait_for_text("first seen")?;
    assert!(screen.contains("203.0.113.77 (src)"), "{screen}");
    assert!(screen.contains("02:00:5e:10:00:01"), "{screen}");
    top.press("\u{1b}")?;
    // Seen to have been taken alone: what follows begins with the same byte.
    top.wait_for("the details are gone", |text| !text.contains("first seen"))?;
    top.press("\u{1b}OP")?;
    top.wait_for_text("sort the other way round")?;
    top.resize(40, 10)?;
    top.wait_for("it fits into the smaller terminal", |text| {
        text.lines().count() <= 10
            && text.lines().next().is_some_and(|line| line.starts_with("checker ") && line.ends_with('…'))
    })?;
    top.press("q")?;
    top.ended(0)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_daemon_that_ends_is_said_and_a_new_one_is_found() -> Result<()> {
    let (wire, daemon) = watched()?;
    let socket = daemon.socket.clone();
    let top = Screen::start(&daemon, &[], 100, 24)?;
    top.wait_for_text("near0 native")?;
    // Its folder goes with it.
    daemon.stop()?.expect(0)?;
    top.wait_for_text("NO ANSWER: no checker daemon listens on")?;
    let again =
        harness::plan::Plan::new(&wire.near)?.interface(harness::veth::NEAR).list("ONE", crate::ONE)?;
    std::fs::create_dir_all(socket.parent().context("no folder")?)?;
    let again = again.socket(&socket).start()?;
    top.wait_for("the new daemon answers", |text| {
        !text.contains("NO ANSWER") && text.contains("near0 native")
    })?;
    // Under NO_COLOR nothing is coloured.
    let parser = top.parser();
    let (lines, columns) = parser.screen().size();
    for line in 0..lines.get() {
        for column in 0..columns.get() {
            let colour = parser.screen().cell(line, column).map(vt100::Cell::fgcolor);
            assert_eq!(colour, Some(vt100::Color::Default), "line {line}, column {column}");
        }
    }
    drop(parser);
    kill(Pid::from_raw(i32::try_from(top.child.id())?), Signal::SIGTERM)?;
    top.ended(0)?;
    again.stop()?.expect(0)?;
    std::fs::remove_dir_all(socket.parent().context("no folder")?)?;
    Ok(())
}
