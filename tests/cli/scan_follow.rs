//! `checker scan --follow`: a log that grows, is rotated and truncated. No clock: each step waits for the one before.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use anyhow::Result;
use harness::{checker::Call, lists::Lists, process::Process};
use nix::sys::signal::Signal;

use crate::lists;

fn append(path: &Path, text: &str) -> Result<()> {
    Ok(File::options().append(true).create(true).open(path)?.write_all(text.as_bytes())?)
}

fn followed(lists: &Lists) -> Result<Process> {
    Call::new(["scan", "--follow", "-l", "ONE=one.txt", "a.log"]).in_folder(lists.folder()).start()
}

#[test]
fn it_goes_on_through_growth_rotation_and_truncation() -> Result<()> {
    let lists = lists()?;
    let log = lists.write("a.log", "first 203.0.113.1\n")?;
    let old = lists.folder().join("a.log.1");
    let checker = followed(&lists)?;
    checker.wait_for_count(1)?;

    append(&log, "none\ngrown 203.0.113.2\nhalf 203.0.")?;
    checker.wait_for_count(2)?;
    append(&log, "113.3\n")?;
    checker.wait_for_count(3)?;

    // The writer goes on in the old file until it opens the new one.
    fs::rename(&log, &old)?;
    append(&old, "renamed 203.0.113.4\n")?;
    File::create(&log)?;
    append(&old, "late 203.0.113.5\nunfinished 203.0.113.6")?;
    checker.wait_for_count(5)?;
    append(&log, "new 203.0.113.7\n")?;
    checker.wait_for_count(7)?;

    File::create(&log)?;
    checker.wait_for_stderr("that it was truncated", |line| line.contains("truncated").then_some(()))?;
    append(&log, "again 203.0.113.8\n")?;
    let lines = checker.wait_for_lines(8)?;
    let words: Vec<_> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(words, ["first", "grown", "half", "renamed", "late", "unfinished", "new", "again"]);

    checker.signal(Signal::SIGINT)?;
    let ended = checker.wait()?.expect(1)?;
    assert!(
        ended.stderr.contains("9 lines, 0.0 MB: 8 addresses, 8 restricted in 8 lines"),
        "{}",
        ended.stderr
    );
    Ok(())
}

#[test]
fn it_ends_when_nobody_reads() -> Result<()> {
    let lists = lists()?;
    lists.write("a.log", "192.0.2.1\n")?;
    let (reader, writer) = io::pipe()?;
    let call = Call::new(["scan", "-q", "--follow", "-l", "ONE=one.txt", "a.log"]).in_folder(lists.folder());
    let checker = call.stdout(writer).start()?;
    drop(reader);
    checker.wait()?.expect(0)?;
    Ok(())
}

#[test]
fn what_is_not_there_cannot_be_followed() -> Result<()> {
    let lists = lists()?;
    let ended = followed(&lists)?.wait()?.expect(2)?;
    assert!(ended.stderr.contains("a.log: cannot be read: No such file"), "{}", ended.stderr);
    Ok(())
}
