//! The terminal: taken at the start, given back at the end, however that comes.

use std::{
    io::{self, IsTerminal as _},
    path::Path,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use nix::sys::signal::{SigSet, Signal};
use ratatui::{
    DefaultTerminal,
    crossterm::{
        event::{self, Event},
        style::force_color_output,
    },
};

use super::{
    draw::{Ink, draw},
    keys::press,
    poll::{Answer, keep_asking},
    state::Top,
};

/// What wakes the loop.
enum Message {
    Answer(Answer),
    Event(Event),
    /// A signal to end, or a terminal that is gone.
    End,
}

/// Shows the daemon at `socket` until the user has seen enough.
///
/// # Errors
///
/// No terminal, or one that is gone.
pub fn run(socket: &Path, every: Duration, colours: bool) -> anyhow::Result<()> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        bail!("checker top needs a terminal; checker status and checker flows print the same once");
    }
    // Before any thread is there, so that all of them leave these signals to the one that waits for them.
    let ending = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]);
    ending.thread_block().context("cannot wait for signals")?;
    let (sender, messages) = channel();
    // Decided already, by more than NO_COLOR alone.
    force_color_output(colours);
    // Restored by ratatui's hook on a panic, too.
    let mut terminal = ratatui::try_init().context("cannot use the terminal")?;
    start(socket, every, ending, &sender);
    drop(sender);
    let ended = show(&mut terminal, &messages, Ink { colours });
    ratatui::restore();
    ended
}

fn start(socket: &Path, every: Duration, ending: SigSet, messages: &Sender<Message>) {
    let socket = socket.to_owned();
    let sender = messages.clone();
    thread::spawn(move || {
        keep_asking(&socket, every, |answer| sender.send(Message::Answer(answer)).is_ok());
    });
    let sender = messages.clone();
    thread::spawn(move || {
        while let Ok(event) = event::read() {
            if sender.send(Message::Event(event)).is_err() {
                return;
            }
        }
        let _nobody_waits = sender.send(Message::End);
    });
    let sender = messages.clone();
    thread::spawn(move || {
        let _signal = ending.wait();
        let _nobody_waits = sender.send(Message::End);
    });
}

/// Draws after everything that happened, and only then.
fn show(terminal: &mut DefaultTerminal, messages: &Receiver<Message>, ink: Ink) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut top = Top::default();
    loop {
        terminal.draw(|frame| draw(&mut top, ink, frame)).context("cannot write to the terminal")?;
        let Ok(first) = messages.recv() else { return Ok(()) };
        for message in std::iter::once(first).chain(messages.try_iter()) {
            match message {
                Message::Answer(answer) => top.take(answer, began.elapsed(), Timestamp::now()),
                Message::Event(Event::Key(key)) => {
                    if press(&mut top, key) {
                        return Ok(());
                    }
                }
                // A resize is drawn; the rest is not asked for.
                Message::Event(_) => {}
                Message::End => return Ok(()),
            }
        }
    }
}
