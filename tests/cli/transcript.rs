//! Transcripts: a line `$ checker …` is typed, what follows is what must come of it.
//!
//! ```text
//! $ checker check -l ONE=one.txt 203.0.113.1 nonsense
//! 203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:2)
//! nonsense: Invalid IP
//! ? 2
//! ```
//!
//! Standard output as it is, then standard error with `! ` before each line, then the exit code.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use harness::{checker::Call, lists::Lists, netns::Namespace, process::Ended};

/// Types every command of a transcript in the folder of `lists`, and compares.
pub(crate) fn retell(lists: &Lists, transcript: &str) -> Result<()> {
    retell_with(lists, transcript, |call| call)
}

/// The same in a network namespace of its own, where nothing that is done to an interface harms anybody.
pub(crate) fn retell_in_namespace(lists: &Lists, transcript: &str) -> Result<()> {
    let namespace = Namespace::new("cli")?;
    retell_with(lists, transcript, |call| call.in_namespace(&namespace))
}

/// The same, by a user without any privilege.
pub(crate) fn retell_as_nobody(lists: &Lists, transcript: &str) -> Result<()> {
    harness::require::root()?;
    retell_with(lists, transcript, Call::as_nobody)
}

fn retell_with<'a>(
    lists: &'a Lists,
    transcript: &str,
    circumstances: impl Fn(Call<'a>) -> Call<'a>,
) -> Result<()> {
    let transcript = transcript.trim_start_matches('\n');
    let mut told = String::new();
    for line in transcript.lines().filter(|line| line.starts_with('$')) {
        let words = line.split_whitespace().skip(2);
        let ended = circumstances(Call::new(words).in_folder(lists.folder())).run()?;
        write!(told, "{line}\n{}", shown(lists, &ended))?;
    }
    compare(&told, transcript)
}

/// What came of a command that was not typed but called.
pub(crate) fn comes_to(lists: &Lists, ended: &Ended, expected: &str) -> Result<()> {
    compare(&shown(lists, ended), expected.trim_start_matches('\n'))
}

fn compare(told: &str, expected: &str) -> Result<()> {
    ensure!(told == expected, "it went like this:\n{told}\nand not like this:\n{expected}");
    Ok(())
}

fn shown(lists: &Lists, ended: &Ended) -> String {
    let Ended { status, stdout, stderr } = ended;
    let code = status.code().map_or_else(|| status.to_string(), |code| code.to_string());
    let mut shown = stdout.clone();
    for line in stderr.lines() {
        shown += format!("! {line}").trim_end();
        shown.push('\n');
    }
    shown += &format!("? {code}\n");
    // The folder has another name each time.
    shown.replace(&format!("{}/", lists.folder().display()), "FOLDER/")
}
