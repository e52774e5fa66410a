//! Commands that talk to a daemon, where there is none, or something else.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::UnixListener,
    thread,
};

use anyhow::Result;
use harness::{checker::Call, lists::Lists, wait::wait_until};

use crate::transcript::{comes_to, retell};

#[test]
fn no_daemon_is_one_sentence() -> Result<()> {
    let lists = Lists::new()?;
    for command in ["tail", "load ONE=one.txt", "unload ONE", "reload", "lists", "status", "detach"] {
        let transcript = format!(
            "$ checker {command} --control checker.sock\n\
             ! checker: no checker daemon listens on checker.sock; start one with checker run\n? 2\n"
        );
        retell(&lists, &transcript)?;
    }
    Ok(())
}

#[test]
fn top_is_for_a_terminal() -> Result<()> {
    let transcript = r"
$ checker top --control checker.sock
! checker: checker top needs a terminal; checker status and checker flows print the same once
? 2
";
    retell(&Lists::new()?, transcript)
}

#[test]
fn a_socket_that_a_daemon_left_behind_is_no_daemon() -> Result<()> {
    let lists = Lists::new()?;
    // The file stays when its listener is gone.
    drop(UnixListener::bind(lists.folder().join("checker.sock"))?);
    let transcript = r"
$ checker status --control checker.sock
! checker: no checker daemon listens on checker.sock; start one with checker run
? 2
";
    retell(&lists, transcript)
}

/// Whatever listens there, a client ends with a sentence.
#[test]
fn what_is_no_answer_is_told_apart() -> Result<()> {
    let answers = [
        ("", "the daemon hung up without an answer"),
        (
            "{\"reply\":\"lists\",\"content\":[]}\n",
            "the daemon answered something else; is it another version?",
        ),
        ("{\"reply\":\"refused\",\"content\":\"not today\"}\n", "not today"),
        ("{\"reply\":\"refused\",\"content\":\"\\u001b[2J\"}\n", "\\u{1b}[2J"),
    ];
    for (answer, sentence) in answers {
        let lists = Lists::new()?;
        let listener = UnixListener::bind(lists.folder().join("checker.sock"))?;
        let ended = thread::scope(|scope| {
            let served = scope.spawn(|| serve_one(&listener, answer));
            let call = Call::new(["status", "--control", "checker.sock"]).in_folder(lists.folder());
            let ended = call.run();
            served.join().expect("the server does not panic").and(ended)
        })?;
        comes_to(&lists, &ended, &format!("! checker: {sentence}\n? 2\n"))?;
    }
    Ok(())
}

fn serve_one(listener: &UnixListener, answer: &str) -> Result<()> {
    // A client that does not come must not hang the test.
    listener.set_nonblocking(true)?;
    let (stream, _) = wait_until("a client calls", || listener.accept())?;
    let mut request = String::new();
    BufReader::new(&stream).read_line(&mut request)?;
    (&stream).write_all(answer.as_bytes())?;
    Ok(())
}
